"""Who makes the call that is being answered, and from where."""

from __future__ import annotations

from dataclasses import dataclass

from ..requests.prefix import connection
from .rights import user


@dataclass(frozen=True)
class Caller:
    """A login's name, or ``browser:`` and a part of what tells this browser from others; and the address it has."""

    who: str = ""
    address: str = ""


def caller() -> Caller:
    """Who makes it; nobody outside of the server."""
    request = connection()
    if request is None:
        return Caller()
    session = request.scope.get("session") or {}
    name = user(request.scope) or f"browser:{str(session.get('person', ''))[:6]}"
    return Caller(str(name), request.client.host if request.client else "")
