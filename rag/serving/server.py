"""The server's end: those who wait for an answer are told, and nobody can hold it up."""

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

_TELLING_S = 2.0  # in which those that were not are told, before any connection is closed
_SENDING_S = 3.0  # in which what they are told goes through Gradio and MCP, on a busy machine too
_CLOSING_S = 5  # in which connections end, before they are cut


class Server(uvicorn.Server):
    """Serves a site until it is told to stop.

    Args:
        finishing: seconds in which answers under way may then be completed.
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
                proxy_headers=False,  # the app itself knows which proxies to believe
                log_config=None,  # its messages go where ours go
                timeout_graceful_shutdown=_CLOSING_S,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Tell those who wait before anything is closed: streams of MCP are cut once the server ends.

        A second signal waits for nothing.
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
        """Wait until nobody waits for an answer, or so long."""
        end = asyncio.get_running_loop().time() + seconds
        while len(self._workers) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections that open pages keep, and wait a little for the rest."""
        self._workers.close()
        for page in _pages(self._app):
            page.stop_event.set()
        await super().shutdown(sockets)


def _pages(app: FastAPI) -> Iterator[gradio.routes.App]:
    """Gradio's apps within an app, however deep."""
    for route in app.routes:
        mounted = getattr(route, "app", None)
        if not isinstance(mounted, FastAPI):
            mounted = getattr(mounted, "app", None)  # of several archives: what watches over one
        if isinstance(mounted, gradio.routes.App):
            yield mounted
        elif isinstance(mounted, FastAPI):
            yield from _pages(mounted)
