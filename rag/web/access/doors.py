"""The ways in: a password, a key, a proxy's header, or a login elsewhere; and who that is."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import HTTPConnection

from index.config import AccessSettings
from rag.audit import Audit

from ..requests.prefix import PEER
from .guesses import Guesses
from .keys import Key, Keys
from .login import Passwords
from .sessions import Sessions
from .throttling import Allowance

Result = TypeVar("Result")

# Passwords looked at together, by threads that serve nothing else; fewer than may be wrong before one has to wait, so
# that somebody whose program sends the right one many times at once is not taken for a guesser.
_AT_ONCE = 4
_NOTED = 10  # refusals a minute of one address that are noted, beside the wrong guesses that were looked at


class TooManyGuessesError(Exception):
    """Wrong passwords came too often; ``seconds`` says when the next may come."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Doors:
    """What a server lets people in by.

    Without passwords, header and OpenID Connect it is open to everybody who can reach it; keys are taken all the same.
    """

    passwords: Passwords | None = None
    access: AccessSettings = field(default_factory=AccessSettings)
    audit: Audit | None = None
    sessions: Sessions | None = None
    guesses: Guesses = field(default_factory=Guesses)
    noted: Allowance = field(default_factory=lambda: Allowance(_NOTED))
    keys: Keys = field(init=False)
    pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", Keys(self.access.keys))
        object.__setattr__(self, "pool", ThreadPoolExecutor(_AT_ONCE, "passwords"))

    @property
    def closed(self) -> bool:
        """Whether one has to say who one is."""
        return bool(self.passwords is not None or self.access.header or self.access.openid)

    def enter(self, session: dict[str, Any], name: str) -> None:
        """Somebody has given their password; the session ends with that password."""
        if self.sessions is not None:
            self.sessions.begin(session, name, mark=self.passwords.mark(name) if self.passwords is not None else "")

    def is_known(self, session: Mapping[str, Any]) -> bool:
        """Whether somebody who logged in earlier is still somebody."""
        if self.sessions is None or not self.sessions.is_open(session):
            return False
        if session.get("by") == "openid":
            return self.access.openid is not None
        if self.passwords is None:
            return False
        return bool(session.get("mark")) and session["mark"] == self.passwords.mark(session["user"])

    def by_proxy(self, request: HTTPConnection) -> str:
        """Whom the proxy names; empty where none is configured, or somebody else sent the header."""
        if not self.access.header or request.scope.get(PEER) not in self.access.proxies:
            return ""
        try:
            return request.headers.get(self.access.header, "").encode("latin-1").decode().strip()[:64]
        except UnicodeError:
            return ""

    def by_password(self, name: str, password: str, address: str) -> bool:
        """Whether that is the person's password.

        Raises:
            TooManyGuessesError: it has not been looked at.
        """
        if self.passwords is None:
            return False
        wait = self.guesses.begin(name, address)
        if wait > 0:
            self._refused(name, address, why="too many")
            raise TooManyGuessesError(wait)
        right = self.passwords.check(name, password)
        if right:
            self.guesses.right(name, address)
        elif self.audit is not None:
            self.audit.note("login failed", name[:64], address)
        return right

    def _refused(self, name: str, address: str, why: str) -> None:
        """Note a refusal that costs a guesser nothing: so many a minute of an address, lest they fill the disk."""
        if self.audit is not None and not self.noted.take(address):
            self.audit.note("login failed", name[:64], address, why=why)

    async def looked_at(self, by: Callable[..., Result], *given: str) -> Result:
        """What ``by`` says of what was given, without keeping other requests waiting."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, by, *given)

    def by_authorization(self, given: str, address: str) -> str | Key | None:
        """Whoever a program's header speaks for: HTTP Basic, a key, or ``name:password``, as a Bearer token.

        Raises:
            TooManyGuessesError: it has not been looked at.
        """
        kind, _, token = given.partition(" ")
        try:
            sent = token.strip().encode("latin-1")  # as headers are read; names are UTF-8
            pair = (base64.b64decode(sent) if kind.lower() == "basic" else sent).decode()
        except (binascii.Error, UnicodeError):
            return None
        name, colon, password = pair.partition(":")
        key = self.keys.find(password if colon else pair)
        if key is not None:
            return key
        if not colon and (self.closed or self.keys.is_like(pair)):
            self._refused("", address, why="wrong key")
        return name if colon and self.by_password(name, password, address) else None
