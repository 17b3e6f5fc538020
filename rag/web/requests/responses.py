"""HTML of ours, and files to be kept, as responses."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

_NAME = 40  # characters of a file's name
# A view is sent with its frame or without, as it is asked for; what a person asked is not for a shared cache.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "X-Fragment",
}


def file_response(body: bytes, name: str, ending: str, kind: str = "application/octet-stream") -> Response:
    """A file to be kept, called by the first words of ``name``."""
    called = f"{quote(name[:_NAME], safe='')}.{ending}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{called}", "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type=kind, headers=headers)


def page_response(html: str, status: int = 200) -> Response:
    """HTML of ours; the headers that keep foreign code out are put on every answer (``policy.py``)."""
    return HTMLResponse(html, status, headers=_HEADERS)
