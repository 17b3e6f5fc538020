"""The path prefix of the site as the client sees it, and the current request, available anywhere in the server.

The request is in a context variable within its own task, and in Gradio's own within Gradio's events.
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
_SERVER = "baowen.server"  # like _KEY, without the path of one of several archives
PEER = "baowen.peer"  # the address of the connection, whatever headers say
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_connection: ContextVar[HTTPConnection | None] = ContextVar("connection", default=None)
_written: ContextVar[str] = ContextVar("written", default="")


def connection() -> HTTPConnection | None:
    """Return the current request; None outside of requests."""
    event = LocalContext.request.get(None)
    request = event.request if isinstance(event, gr.Request) else event
    return request if isinstance(request, HTTPConnection) else _connection.get()


def prefix() -> str:
    """Return the site's path prefix as the client sees it, without a trailing slash."""
    request = connection()
    return str(request.scope.get(_KEY, "")) if request is not None else _written.get()


def server_prefix() -> str:
    """Return the server's path prefix as the client sees it, for the login and the choice of an archive."""
    request = connection()
    return str(request.scope.get(_SERVER, "")) if request is not None else _written.get()


@contextmanager
def written_from(up: str) -> Iterator[None]:
    """Use relative links for pages rendered before there is a request; ``.`` is the site's folder."""
    token = _written.set(up)
    try:
        yield
    finally:
        _written.reset(token)


def add_prefix(scope: Scope, more: str) -> None:
    """Append ``more`` to the site's path prefix."""
    scope[_KEY] = scope.get(_KEY, "") + more


class Prefixed:
    """The outermost ASGI middleware: restores the path prefix that a proxy removed, and stores the current request.

    Cookies are limited to this path, and to HTTPS if the proxy is reached by HTTPS.

    Args:
        root_path: the path prefix, if the proxy does not send it in X-Forwarded-Prefix.
    """

    def __init__(self, app: ASGIApp, root_path: str = "") -> None:
        self._app = app
        self._root_path = root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its full path."""
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
