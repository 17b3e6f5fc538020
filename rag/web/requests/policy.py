"""Security headers, which limit what our pages may load, run, connect to and be embedded in.

Our own pages only run script files of this server. Gradio's page also needs inline scripts, which are allowed by the
hashes of those in its template, so that no other script and no ``onclick`` runs; ``unsafe-eval``, since it compiles the
``js=`` of events; inline styles, which Svelte sets on elements; and ``data:`` and ``blob:`` for pictures, fonts and
media. It needs no other host.
"""

from __future__ import annotations

import base64
import hashlib
import re

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BASE = {
    "default-src": "'none'",
    "connect-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "manifest-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_GRADIO = {"media-src": "'self' blob:", "worker-src": "'self' blob:"}
_INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # an answer's URL gives access to it, so it is sent to nobody else
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_HTTPS = "max-age=31536000"
_FILES = re.compile(r"(?:/archives/[^/]+)?(?:/own|(?:/en)?/(?:assets|static))/")  # our own, and Gradio's


def is_file(scope: Scope) -> bool:
    """Return whether a request is for one of the page's scripts, styles, fonts or pictures."""
    return _FILES.match(get_route_path(scope)) is not None


def plain_policy() -> str:
    """Return the policy of our own pages: no inline scripts, no ``eval``."""
    return _joined(_BASE)


def page_policy(html: bytes) -> str:
    """Return the policy of Gradio's page: scripts of this server, and the inline ones in ``html``."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE.findall(html))
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return _joined(_BASE | _GRADIO | {"script-src": f"'self' 'unsafe-eval' {hashes}".strip()})


def _joined(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


class SecurityHeaders:
    """ASGI middleware near the outside: adds the headers to every response, including refusals and files."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add missing headers; those set by inner parts stay."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        may_be_kept = is_file(scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", plain_policy())
                if not may_be_kept:
                    headers.setdefault("cache-control", "no-store")  # so that no questions stay on shared computers
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", _HTTPS)
            await send(message)

        await self._app(scope, receive, guarded)
