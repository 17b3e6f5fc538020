"""Files are taken from those alone who may add issues; Gradio would keep anybody's."""

from __future__ import annotations

from collections.abc import Callable

from starlette._utils import get_route_path
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_UPLOAD = "/upload"


class Uploads:
    """ASGI middleware inside Gradio's.

    Args:
        allowed: whether whoever makes the present request may send files.
    """

    def __init__(self, app: ASGIApp, allowed: Callable[[], bool]) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse files of others before they are read."""
        is_upload = scope["type"] == "http" and get_route_path(scope).endswith(_UPLOAD) and scope["method"] == "POST"
        if is_upload and not self._allowed():
            detail = {"detail": "这里不能上传文件 (files cannot be uploaded here)"}
            await JSONResponse(detail, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)
