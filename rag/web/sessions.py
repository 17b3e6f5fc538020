"""Logins in browsers: a signed cookie says who it is, and the server remembers which of them were ended.

A cookie that was copied before the logout lets nobody in after it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .history import History, HistoryError

LASTS_S = 30 * 24 * 3600  # after which one logs in again


class Sessions:
    """Begins and ends logins; those that were ended are kept in the history's file as long as a cookie may live."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._ended = set(history.ended_sessions(_now() - LASTS_S))

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
        since = session.get("since")
        if not session.get("user") or not isinstance(since, int):
            return False
        return _now() - since < LASTS_S and session.get("login") not in self._ended

    def end(self, session: dict[str, Any]) -> None:
        """Log out, in every copy of the cookie."""
        login = session.get("login")
        if isinstance(login, str) and login:
            self._ended.add(login)
            with suppress(HistoryError):  # until a restart it is remembered here
                self._history.end_session(login, _now())
        session.clear()


def _now() -> int:
    return int(time.time())
