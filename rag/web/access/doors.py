"""The ways to authenticate: a password, a key, a proxy's header, or OpenID Connect."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import HTTPConnection

from index.config import AccessSettings
from index.types import JsonObject
from rag.audit import Audit

from ..requests.prefix import PEER
from .guesses import Guesses
from .keys import Key, Keys
from .login import Passwords
from .sessions import Sessions
from .throttling import Allowance

Result = TypeVar("Result")

# Passwords checked at the same time, in their own threads. This is fewer than the free wrong guesses, so that a
# program that sends the right password many times at once is not taken for a guesser.
_AT_ONCE = 4
_NOTED = 10  # refusals per minute and address that are logged, in addition to wrong guesses that were checked


class TooManyGuessesError(Exception):
    """Too many wrong passwords; the next attempt is allowed after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Doors:
    """The ways in which a server authenticates people.

    Without passwords, header and OpenID Connect, it is open to everybody who can reach it; keys are accepted anyway.
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
        """Whether authentication is required."""
        return bool(self.passwords is not None or self.access.header or self.access.openid)

    def enter(self, session: JsonObject, name: str) -> None:
        """Log a person in after their password was checked; the session ends when the password changes."""
        if self.sessions is not None:
            self.sessions.begin(session, name, mark=self.passwords.mark(name) if self.passwords is not None else "")

    def is_known(self, session: JsonObject) -> bool:
        """Return whether an earlier login is still valid."""
        if self.sessions is None or not self.sessions.is_open(session):
            return False
        if session.get("by") == "openid":
            return self.access.openid is not None
        if self.passwords is None:
            return False
        return bool(session.get("mark")) and session["mark"] == self.passwords.mark(session["user"])

    def by_proxy(self, request: HTTPConnection) -> str:
        """Return the person named by the proxy; empty if none is configured or the header came from elsewhere."""
        if not self.access.header or request.scope.get(PEER) not in self.access.proxies:
            return ""
        try:
            return request.headers.get(self.access.header, "").encode("latin-1").decode().strip()[:64]
        except UnicodeError:
            return ""

    def by_password(self, name: str, password: str, address: str) -> bool:
        """Return whether the password is right.

        Raises:
            TooManyGuessesError: the password was not checked.
        """
        if self.passwords is None:
            return False
        wait = self.guesses.begin(name, address)
        if wait > 0:
            self.refused(name, address, why="too many")
            raise TooManyGuessesError(wait)
        right = self.passwords.check(name, password)
        if right:
            self.guesses.right(name, address)
        elif self.audit is not None:
            self.audit.note("login failed", name[:64], address)
        return right

    def refused(self, name: str, address: str, why: str) -> None:
        """Log a refusal without a password check, only so many per minute and address, lest they fill the disk."""
        if self.audit is not None and not self.noted.take(address):
            self.audit.note("login failed", name[:64], address, why=why)

    async def looked_at(self, by: Callable[..., Result], *given: str) -> Result:
        """Return the result of ``by``, run in the password threads, so that other requests do not wait."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, by, *given)

    def by_authorization(self, given: str, address: str) -> str | Key | None:
        """Return the person or key of an Authorization header: HTTP Basic, or a Bearer key or ``name:password``.

        Raises:
            TooManyGuessesError: the password was not checked.
        """
        kind, _, token = given.partition(" ")
        try:
            sent = token.strip().encode("latin-1")  # headers are decoded as Latin-1; names are UTF-8
            pair = (base64.b64decode(sent) if kind.lower() == "basic" else sent).decode()
        except (binascii.Error, UnicodeError):
            return None
        name, colon, password = pair.partition(":")
        key = self.keys.find(password if colon else pair)
        if key is not None:
            return key
        if not colon and (self.closed or self.keys.is_like(pair)):
            self.refused("", address, why="wrong key")
        return name if colon and self.by_password(name, password, address) else None
