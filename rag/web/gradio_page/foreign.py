"""Keeps Gradio to this machine: its page names no other host and runs only what it has; it fetches no address."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import safehttpx
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..requests.policy import page_policy

_FOREIGN = re.compile(
    rb"<meta\s[^>]*(?:property|name)=[\"'](?:og|twitter):[^>]*>\s*|<link\s[^>]*href=[\"']/manifest.json[^>]*>\s*"
)


class OwnPage:
    """ASGI middleware inside Gradio's: HTML goes out whole, with its policy, without social tags and manifest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold HTML back until it is whole; pass everything else on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        page = bytearray()

        async def without_tags(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_html(message):
                held.append(message)
            elif not held or message["type"] != "http.response.body":
                await send(message)
            else:
                page.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    start = held.pop()
                    body = _FOREIGN.sub(b"", bytes(page))
                    headers = MutableHeaders(raw=start["headers"])
                    headers["content-length"] = str(len(body))
                    headers["content-security-policy"] = page_policy(body)
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, without_tags)


def refuse_downloads() -> None:
    """Make Gradio refuse addresses: in place of a file it takes one, looks it up and fetches it, whoever asks."""
    safehttpx.get = _refused  # where events and their inputs go
    safehttpx.async_validate_url = _refused  # where /gradio_api/file=ADDRESS goes


async def _refused(address: str, *args: Any, **options: Any) -> NoReturn:
    raise ValueError(f"这里不下载网址 (addresses are not fetched here): {address}")


def _is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
