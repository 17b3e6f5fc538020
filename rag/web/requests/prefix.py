"""Below which path the caller sees this site, and the request that is being answered, wherever in the server one asks.

A request is known by a context variable within its own task, and by Gradio's own within its events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import gradio as gr
from gradio.context import LocalContext
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEY = "baowen.prefix"
_SERVER = "baowen.server"  # as _KEY, without what is added for one archive of several
PEER = "baowen.peer"  # the address that the connection comes from, whatever headers say
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_connection: ContextVar[HTTPConnection | None] = ContextVar("connection", default=None)
_written: ContextVar[str] = ContextVar("written", default="")


def connection() -> HTTPConnection | None:
    """The request that is being answered; None outside of the server."""
    event = LocalContext.request.get(None)
    request = event.request if isinstance(event, gr.Request) else event
    return request if isinstance(request, HTTPConnection) else _connection.get()


def prefix() -> str:
    """The path below which the caller sees this site, without a slash at its end."""
    request = connection()
    return str(request.scope.get(_KEY, "")) if request is not None else _written.get()


def server_prefix() -> str:
    """The path below which the caller sees the server, where it is logged in and an archive is chosen."""
    request = connection()
    return str(request.scope.get(_SERVER, "")) if request is not None else _written.get()


@contextmanager
def written_from(up: str) -> Iterator[None]:
    """Within it, what is made before there is a request has links from its own page: ``.`` is the site's folder."""
    token = _written.set(up)
    try:
        yield
    finally:
        _written.reset(token)


def add_prefix(scope: Scope, more: str) -> None:
    """From here on the site is seen below ``more``."""
    scope[_KEY] = scope.get(_KEY, "") + more


class Prefixed:
    """ASGI middleware, the outermost: puts back the path that a proxy cut off, and remembers the request.

    Cookies are for that path alone, and, where the proxy is reached by HTTPS, for HTTPS alone.

    Args:
        root_path: the path, where the proxy does not tell it by X-Forwarded-Prefix.
    """

    def __init__(self, app: ASGIApp, root_path: str = "") -> None:
        self._app = app
        self._root_path = root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on as if nothing had been cut off."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope[PEER] = scope["client"][0] if scope.get("client") else ""
        given = HTTPConnection(scope).headers.get("x-forwarded-prefix", "").rstrip("/")
        path = given if given and _PREFIX.fullmatch(given) else self._root_path
        if path:
            whole = scope["path"] if _is_below(scope["path"], path) else path + scope["path"]
            scope = {**scope, "path": whole, "root_path": path, _SERVER: path}
            add_prefix(scope, path)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _guard_cookies(MutableHeaders(raw=message.setdefault("headers", [])), path, scope["scheme"] == "https")
            await send(message)

        token = _connection.set(HTTPConnection(scope))
        try:
            await self._app(scope, receive, guarded)
        finally:
            _connection.reset(token)


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _guard_cookies(headers: MutableHeaders, path: str, https: bool) -> None:
    for number, (name, value) in enumerate(headers.raw):
        if name == b"set-cookie" and value.startswith(b"baowen="):
            if path:
                value = value.replace(b"; path=/;", f"; path={path}/;".encode())
            headers.raw[number] = (name, value + (b"; secure" if https else b""))
