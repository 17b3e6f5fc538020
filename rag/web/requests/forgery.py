"""Refuses requests that another site makes a browser send (cross-site request forgery).

Browsers state the origin of a request in ``Sec-Fetch-Site``, older ones in ``Origin``; programs send neither, and no
cookie of a browser. This needs no token in the pages and works for every way of authentication.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette._utils import get_route_path
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .prefix import PEER

_SAFE = ("GET", "HEAD", "OPTIONS")
_CHANGING = ("/logout",)  # GET, since it is a link
_OURS = ("same-origin", "none")
_REFUSED = "这个请求来自别的网站，已拒绝 (cross-site request refused)"


class NoForgery:
    """ASGI middleware: requests that change something, and WebSockets, must come from a page of this server."""

    def __init__(self, app: ASGIApp, proxies: tuple[str, ...] = ()) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests from our own pages or from programs."""
        if scope["type"] not in ("http", "websocket") or not self._is_foreign(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            detail = {"error": {"message": _REFUSED, "type": "invalid_request_error", "param": None, "code": None}}
            await JSONResponse(detail, 403)(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        if scope["type"] == "http" and scope["method"] in _SAFE and get_route_path(scope) not in _CHANGING:
            return False
        headers = HTTPConnection(scope).headers
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            return site not in _OURS
        if origin is None:
            return False
        hosts = {headers.get("host", "")}
        if scope.get(PEER) in self._proxies:
            hosts.add(headers.get("x-forwarded-host", ""))
        return urlsplit(origin).netloc not in hosts - {""}
