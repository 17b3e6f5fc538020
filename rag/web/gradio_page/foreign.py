"""Keeps Gradio local: its page refers to no other host, runs only its own scripts, and fetches no URL."""

from __future__ import annotations

import re
from typing import NoReturn

import safehttpx
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..requests.policy import page_policy

_FOREIGN = re.compile(
    rb"<meta\s[^>]*(?:property|name)=[\"'](?:og|twitter):[^>]*>\s*|<link\s[^>]*href=[\"']/manifest.json[^>]*>\s*"
)


class OwnPage:
    """ASGI middleware inside Gradio's: sends HTML complete, with a policy, without social tags and manifest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold HTML back until it is complete; pass everything else on."""
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
    """Make Gradio refuse URLs, which it would otherwise accept from anybody instead of a file, and fetch."""
    safehttpx.get = _refused  # used for the inputs of events
    safehttpx.async_validate_url = _refused  # used for /gradio_api/file=ADDRESS


async def _refused(address: str, *args: object, **options: object) -> NoReturn:
    raise ValueError(f"这里不下载网址 (URLs are not fetched here): {address}")


def _is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
