"""Shuts the server down: readers waiting for an answer are told, and no connection can delay the end."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from types import FrameType

import gradio.routes
import uvicorn
from fastapi import FastAPI

from .workers import Workers

log = logging.getLogger("baowen.chat")

_TELLING_S = 2.0  # to tell everyone who is still waiting, before any connection is closed
_SENDING_S = 3.0  # for these messages to pass through Gradio and MCP, even on a busy machine
_CLOSING_S = 5  # for connections to end before they are cut


class Server(uvicorn.Server):
    """Serves a site until it receives a signal to stop.

    Args:
        finishing: seconds that answers in progress then have to finish.
    """

    def __init__(self, app: FastAPI, workers: Workers, host: str, port: int, finishing: float) -> None:
        self._app, self._workers, self._finishing = app, workers, finishing
        self._loop: asyncio.AbstractEventLoop | None = None
        self._telling: asyncio.Task[None] | None = None
        self._told = False
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level="warning",
                proxy_headers=False,  # the app itself knows which proxies to trust
                log_config=None,  # uvicorn's messages go to our log
                timeout_graceful_shutdown=_CLOSING_S,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Tell waiting readers before closing anything, since MCP streams are cut once the server ends.

        A second signal stops the server at once.
        """
        if self._loop is None or self._told:
            super().handle_exit(sig, frame)
            self.force_exit = self._told
            return
        self._told = True
        self._loop.call_soon_threadsafe(self._begin_to_end, sig, frame)

    def _begin_to_end(self, sig: int, frame: FrameType | None) -> None:
        if len(self._workers):
            told = "正在停止，回答最多还有 %g 秒；再按一次立即停止 (stopping; a second signal ends it at once)"
            log.info(told, self._finishing)
        self._telling = asyncio.ensure_future(self._tell(sig, frame))

    async def _tell(self, sig: int, frame: FrameType | None) -> None:
        self._workers.refuse()
        await self._emptied(self._finishing)
        self._workers.close()
        await self._emptied(_TELLING_S)
        await asyncio.sleep(_SENDING_S)
        super().handle_exit(sig, frame)

    async def _emptied(self, seconds: float) -> None:
        """Wait until nobody is waiting for an answer, at most ``seconds``."""
        end = asyncio.get_running_loop().time() + seconds
        while len(self._workers) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections of open pages, and wait a little for the rest."""
        self._workers.close()
        for page in _pages(self._app):
            page.stop_event.set()
        await super().shutdown(sockets)


def _pages(app: FastAPI) -> Iterator[gradio.routes.App]:
    """Gradio's apps at any depth within an app."""
    for route in app.routes:
        mounted = getattr(route, "app", None)
        if not isinstance(mounted, FastAPI):
            mounted = getattr(mounted, "app", None)  # with several archives, each app is wrapped
        if isinstance(mounted, gradio.routes.App):
            yield mounted
        elif isinstance(mounted, FastAPI):
            yield from _pages(mounted)
