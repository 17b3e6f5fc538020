"""Rate limits per person, and limits on the size and the duration of requests."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import OrderedDict

from starlette._utils import get_route_path
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.config import LimitSettings

from ..requests.policy import is_file
from .rights import user

_FREE = ("/health", "/ready")  # for monitoring
_SAFE = ("GET", "HEAD", "OPTIONS")
_UPLOAD = "/feed/files"
_REMEMBERED = 20_000  # people
REFUSAL = "baowen.refusal"  # the login's response to refused clients, who are rate-limited too


class Allowance:
    """A token bucket for each person: the limit per minute is also the limit at once, and refills steadily.

    Args:
        a_minute: the limit; 0: none.
    """

    def __init__(self, a_minute: int) -> None:
        self._most = a_minute
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> float:
        """Take one and return 0, or return the seconds until one is available."""
        if not self._most:
            return 0.0
        with self._lock:
            now = _now()
            left, since = self._left.get(who, (float(self._most), now))
            left = min(self._most, left + (now - since) * self._most / 60)
            wait = 0.0 if left >= 1 else (1 - left) * 60 / self._most
            self._left[who] = (left if wait else left - 1, now)
            self._left.move_to_end(who)
            if len(self._left) > _REMEMBERED:
                self._left.popitem(last=False)
            return wait


class Limited:
    """ASGI middleware inside the login: 429 for too many requests, 413 and 408 for those too large or too slow.

    Requests are counted by login or by a key's person, and by address if there is neither.
    """

    def __init__(self, app: ASGIApp, settings: LimitSettings) -> None:
        self._app = app
        self._settings = settings
        self._requests, self._calls = Allowance(settings.requests), Allowance(settings.calls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests within the limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if wait := self._wait(scope):
            await _too_many(wait)(scope, receive, send)
            return
        if refusal := scope.get(REFUSAL):
            await refusal(scope, receive, send)
            return
        upload = get_route_path(scope).endswith(_UPLOAD)
        size = self._settings.upload_mb if upload else self._settings.request_mb
        seconds = self._settings.upload_seconds if upload else self._settings.request_seconds
        await _Body(receive, send, size << 20, seconds).serve(self._app, scope)

    def _wait(self, scope: Scope) -> float:
        if get_route_path(scope) in _FREE or is_file(scope):  # a page requests many files at once
            return 0.0
        who = user(scope) or f"address {scope['client'][0] if scope.get('client') else ''}"
        wait = self._requests.take(who)
        return wait or (0.0 if scope["method"] in _SAFE else self._calls.take(who))


class _Body:
    """Reads a request body up to a size and a time; beyond them the request is refused, whatever the app responds."""

    def __init__(self, receive: Receive, send: Send, most: int, seconds: float) -> None:
        self._receive, self._send = receive, send
        self._most, self._seconds = most, seconds
        self._size = 0
        self._ends: float | None = None  # the time starts when the body is first read
        self._complete = self._begun = False
        self._refusal: Response | None = None

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        """Let the app answer the request."""
        told = HTTPConnection(scope).headers.get("content-length", "")
        if told.isdecimal() and int(told[:20]) > self._most:
            await self._too_large()(scope, self._receive, self._send)
            return
        try:
            await app(scope, self._next, self._pass_on)
        except Exception:
            if self._refusal is None:
                raise
        if self._refusal is not None and not self._begun:
            await self._refusal(scope, self._receive, self._send)

    async def _next(self) -> Message:
        if self._complete:
            return await self._receive()
        if self._ends is None:
            self._ends = _now() + self._seconds
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._ends - _now()))
        except TimeoutError:
            self._refusal = self._refusal or _refusal(
                f"请求没有在 {self._seconds:g} 秒内发完 (the request took too long)", 408
            )
            return {"type": "http.disconnect"}
        self._size += len(message.get("body", b""))
        if self._size > self._most:
            self._refusal = self._too_large()
            return {"type": "http.disconnect"}
        self._complete = not message.get("more_body", False)
        return message

    async def _pass_on(self, message: Message) -> None:
        if self._refusal is not None and not self._begun:
            return  # the app's response to a request that was cut off
        self._begun = True
        await self._send(message)

    def _too_large(self) -> Response:
        return _refusal(f"请求太大，最多 {self._most >> 20} MB (request too large)", 413)


def _too_many(wait: float) -> Response:
    seconds = math.ceil(wait)
    message = f"请求太频繁，请 {seconds} 秒后再试 (too many requests)"
    return _refusal(message, 429, "rate_limit_error", {"Retry-After": str(seconds)})


def _refusal(
    message: str, status: int, kind: str = "invalid_request_error", headers: dict[str, str] | None = None
) -> Response:
    detail = {"error": {"message": message, "type": kind, "param": None, "code": None}}
    return JSONResponse(detail, status, headers)


def _now() -> float:
    return time.monotonic()
