"""HTML of ours as a response."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

# Nothing but this site's own files is loaded or asked; widths of bars are the only styles written into the HTML.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A view is sent with its frame or without, as it is asked for; what a person asked is not for a shared cache.
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Vary": "X-Fragment",
}


def page_response(html: str, status: int = 200) -> Response:
    """HTML of ours with the headers that keep foreign code out."""
    return HTMLResponse(html, status, headers=_HEADERS)
