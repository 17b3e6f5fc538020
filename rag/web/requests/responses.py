"""HTML of ours as a response."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

# A view is sent with its frame or without, as it is asked for; what a person asked is not for a shared cache.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "X-Fragment",
}


def page_response(html: str, status: int = 200) -> Response:
    """HTML of ours; the headers that keep foreign code out are put on every answer (``policy.py``)."""
    return HTMLResponse(html, status, headers=_HEADERS)
