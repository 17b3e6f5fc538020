"""ASGI middleware inside the session: identifies the client and requires a login where configured."""

from __future__ import annotations

import math
import secrets

from starlette._utils import get_route_path
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..requests.prefix import prefix
from .doors import Doors, TooManyGuessesError
from .keys import Key
from .rights import KEY, STRANGER, USER
from .throttling import REFUSAL

_OPEN = ("/login", "/health", "/ready", "/openid/login", "/openid/callback")


class LoginMiddleware:
    """Gives every browser an id; programs authenticate with each request, which does not start a session."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or send the client to the login."""
        if scope["type"] == "websocket" and self._doors.closed and not self._has_session(scope):
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            connection = HTTPConnection(scope)
            if "person" not in connection.session:
                connection.session["person"] = secrets.token_urlsafe(16)
            refusal = await self._refusal(connection)
            if refusal is not None:
                scope[REFUSAL] = refusal
        await self._app(scope, receive, send)

    def _has_session(self, scope: Scope) -> bool:
        return self._doors.is_known(scope.get("session") or {})

    async def _refusal(self, connection: HTTPConnection) -> Response | None:
        """None if the request is let through, with the person in the scope or the session; otherwise the response."""
        scope, doors = connection.scope, self._doors
        if named := doors.by_proxy(connection):
            scope[USER] = named
            return None
        if given := connection.headers.get("authorization", ""):
            address = connection.client.host if connection.client else ""
            try:
                found = await doors.looked_at(doors.by_authorization, given, address)
            except TooManyGuessesError as error:
                return too_many(error)
            if isinstance(found, Key):
                scope[KEY], scope[USER] = found, found.person
                return None
            if found is not None:
                scope[USER] = found
                return None
        if not doors.closed or self._has_session(scope):
            return None
        if _is_open(get_route_path(scope)):
            scope[STRANGER] = True
            return None
        for name in ("user", "mark", "by", "login", "since"):
            connection.session.pop(name, None)
        return _refused(connection)


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(("/own/", "/feeds/"))


def _refused(connection: HTTPConnection) -> Response:
    if connection.scope["method"] == "GET" and "text/html" in connection.headers.get("accept", ""):
        return RedirectResponse(f"{prefix()}/login", 303)
    return _problem("请先登录 (log in first)", 401, {"WWW-Authenticate": 'Basic realm="baowen"'})


def too_many(error: TooManyGuessesError) -> Response:
    """Return the response for a person who must wait before the next attempt."""
    seconds = math.ceil(error.seconds)
    return _problem(f"试错太多，请 {seconds} 秒后再试 (too many wrong passwords)", 429, {"Retry-After": str(seconds)})


def _problem(message: str, status: int, headers: dict[str, str]) -> Response:
    detail = {"error": {"message": message, "type": "authentication_error", "param": None, "code": None}}
    return JSONResponse(detail, status, headers)
