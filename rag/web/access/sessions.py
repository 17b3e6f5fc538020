"""Logins in browsers: a signed cookie says who it is, and the server remembers which of them were ended.

A cookie that was copied before the logout lets nobody in after it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rag.serving.refreshed import Refreshed

from ..history.conversations import Conversations, HistoryError

LASTS_S = 30 * 24 * 3600  # after which one logs in again


class Sessions:
    """Begins and ends logins; those that were ended are kept with the history as long as a cookie may live.

    What other servers with the same history end is ended here within 2 seconds.
    """

    def __init__(self, history: Conversations) -> None:
        self._history = history
        self._here: set[str] = set()
        self._unwritten: dict[str, int] = {}
        with suppress(HistoryError):  # next time
            history.drop_ended(_now() - LASTS_S)
        self._everywhere = Refreshed(self._read)
        self._everywhere.value()

    def begin(self, session: dict[str, Any], name: str, **more: str) -> None:
        """Somebody has said who they are; what a browser had before belongs to somebody else.

        Args:
            session: the browser's.
            name: who it is.
            more: what else to keep in the cookie, e.g. by which way they came.
        """
        self.end(session)
        session.update(user=name, login=secrets.token_urlsafe(12), since=_now(), **more)

    def is_open(self, session: Mapping[str, Any]) -> bool:
        """Whether somebody is logged in, was not logged out, and not too long ago."""
        since, login = session.get("since"), session.get("login")
        if not session.get("user") or not isinstance(since, int) or _now() - since >= LASTS_S:
            return False
        ended = self._everywhere.value()
        return login not in self._here and login not in ended

    def end(self, session: dict[str, Any]) -> None:
        """Log out, in every copy of the cookie."""
        login = session.get("login")
        if isinstance(login, str) and login:
            self._here.add(login)
            self._unwritten[login] = _now()
            with suppress(HistoryError):  # until it can be written it is remembered here
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
