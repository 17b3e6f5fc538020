"""Responses with our own HTML, and with files for download."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

_NAME = 40  # characters of a file's name
# The same URL gives a view with or without its frame; a person's questions must not be in a shared cache.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "X-Fragment",
}


def file_response(body: bytes, name: str, ending: str, kind: str = "application/octet-stream") -> Response:
    """Return a file for download, named after the beginning of ``name``."""
    called = f"{quote(name[:_NAME], safe='')}.{ending}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{called}", "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type=kind, headers=headers)


def page_response(html: str, status: int = 200) -> Response:
    """Return our own HTML; ``policy.py`` adds the security headers to every response."""
    return HTMLResponse(html, status, headers=_HEADERS)
