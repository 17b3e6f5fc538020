"""The caller of the current request, and their address."""

from __future__ import annotations

from dataclasses import dataclass

from ..requests.prefix import connection
from .keys import Key
from .rights import KEY, user


@dataclass(frozen=True)
class Caller:
    """A login's name, or ``browser:`` and part of the browser's id; the IP address; and the API key's name, if any."""

    who: str = ""
    address: str = ""
    key: str = ""


def caller() -> Caller:
    """Return the caller of the current request; an empty one outside of requests."""
    request = connection()
    if request is None:
        return Caller()
    session = request.scope.get("session") or {}
    name = user(request.scope) or f"browser:{str(session.get('person', ''))[:6]}"
    key: Key | None = request.scope.get(KEY)
    return Caller(str(name), request.client.host if request.client else "", key.name if key else "")
