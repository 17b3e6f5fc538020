"""Browser logins: a signed cookie identifies the person, and the server remembers which logins were ended.

A cookie copied before the logout is therefore useless after it.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress

from index.types import JsonObject
from rag.serving.refreshed import Refreshed

from ..history.conversations import Conversations, HistoryError

LASTS_S = 30 * 24 * 3600  # until a new login is required


class Sessions:
    """Begins and ends logins; ended ones are stored with the history as long as a cookie can be valid.

    Logins ended on other servers with the same history end here within 2 seconds.
    """

    def __init__(self, history: Conversations) -> None:
        self._history = history
        self._here: set[str] = set()
        self._unwritten: dict[str, int] = {}
        with suppress(HistoryError):  # retried at the next start
            history.drop_ended(_now() - LASTS_S)
        self._everywhere = Refreshed(self._read)
        self._everywhere.value()

    def begin(self, session: JsonObject, name: str, **more: str) -> None:
        """Log a person in; the browser's previous session is ended first.

        Args:
            session: the browser's session.
            name: the person's name.
            more: what else to store in the cookie, for example how they logged in.
        """
        self.end(session)
        session.update(user=name, login=secrets.token_urlsafe(12), since=_now(), **more)

    def is_open(self, session: JsonObject) -> bool:
        """Return whether a person is logged in, and the login was neither ended nor has expired."""
        since, login = session.get("since"), session.get("login")
        if not session.get("user") or not isinstance(since, int) or _now() - since >= LASTS_S:
            return False
        ended = self._everywhere.value()
        return login not in self._here and login not in ended

    def end(self, session: JsonObject) -> None:
        """Log out, for every copy of the cookie."""
        login = session.get("login")
        if isinstance(login, str) and login:
            self._here.add(login)
            self._unwritten[login] = _now()
            with suppress(HistoryError):  # kept in memory until it can be written
                self._write()
        session.clear()

    def _read(self) -> frozenset[str]:
        self._write()
        return frozenset(self._history.ended_sessions(_now() - LASTS_S))

    def _write(self) -> None:
        for login, at in list(self._unwritten.items()):
            self._history.end_session(login, at)
            self._unwritten.pop(login, None)


def _now() -> int:
    return int(time.time())
