"""Tells programs when to retry while the server finishes the answers in progress."""

from __future__ import annotations

import math
import re

from starlette._utils import get_route_path
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.serving.workers import Workers

from .protocol import problem

# Paths that start an answer. The page itself uses Gradio's queue, and shows its own message.
_ASKS = re.compile(r"/v1/|/gradio_api/(?:run|call|api|mcp)(?:/|$)")


class Stopping:
    """ASGI middleware: 503 and Retry-After for programs that ask a question while the server is stopping.

    Args:
        finishing: seconds that stopping may take.
    """

    def __init__(self, app: ASGIApp, workers: Workers, finishing: float) -> None:
        self._app = app
        self._workers = workers
        self._retry = {"Retry-After": str(max(1, math.ceil(finishing)))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests that do not start an answer."""
        refused = self._workers.closed and scope["type"] == "http" and scope["method"] == "POST"
        if refused and _ASKS.search(get_route_path(scope)):
            told = problem("服务正在停止 (the server is shutting down)；请稍后再问", 503)
            await JSONResponse(told, 503, self._retry)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
