"""Disables file uploads in Gradio: issues are added by our own route, which checks access rights."""

from __future__ import annotations

from starlette._utils import get_route_path
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_UPLOAD = "/upload"


class NoUploads:
    """ASGI middleware inside Gradio's; without it Gradio would store anybody's files in the temporary folder."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse files before they are read."""
        if scope["type"] == "http" and scope["method"] == "POST" and get_route_path(scope).endswith(_UPLOAD):
            detail = {"detail": "这里不能上传文件 (files cannot be uploaded here)"}
            await JSONResponse(detail, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)
