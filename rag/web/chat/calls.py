"""Calls through Gradio: who makes them, whether the caller is still waiting, and how problems are reported."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeAlias, TypeVar

import gradio as gr
from gradio.context import LocalContext
from starlette.requests import Request

from index.errors import BaowenError
from rag.serving.cancellation import Cancellation
from rag.serving.workers import Gone, Workers

from ..access.login import person

Item = TypeVar("Item")
GradioRequest: TypeAlias = gr.Request | Request | None  # MCP passes on the original request


class _Told(gr.Error):
    """A problem as one sentence; also for MCP, where Gradio would put it in quotation marks."""

    def __str__(self) -> str:
        return str(self.message)


def asker(request: GradioRequest) -> str:
    """Return the caller's name or browser id."""
    if isinstance(request, Request):
        return person(request)
    return (request.username if request else "") or ""


def gone(request: GradioRequest) -> Gone:
    """Return a function that says whether the caller is gone. Create it within the call, which shows how it came.

    The request that puts a call into Gradio's queue ends at once; after that, Gradio knows whether the caller left.
    """
    event_id, blocks = LocalContext.event_id.get(None), LocalContext.blocks.get(None)
    if event_id is not None and blocks is not None:
        waiting = blocks._queue.event_ids_to_events

        async def unheard() -> bool:
            event = waiting.get(event_id)
            return event is None or not event.alive

        return unheard
    connection = request.request if isinstance(request, gr.Request) else request
    if isinstance(connection, Request):
        return connection.is_disconnected

    async def never() -> bool:
        return False

    return never


async def made(
    workers: Workers, request: GradioRequest, items: Callable[..., Iterator[Item]]
) -> AsyncGenerator[Item, None]:
    """Yield the items of ``items(cancellation=…)``, made by a worker while the caller waits.

    Raises:
        gr.Error: a problem that the caller can fix, as one sentence.
    """
    cancellation = Cancellation()
    with reporting_problems():
        async with workers.run(items(cancellation=cancellation), cancellation, gone(request)) as results:
            async for item in results:
                yield item


async def last(workers: Workers, request: GradioRequest, items: Callable[..., Iterator[Item]]) -> Item | None:
    """Return the last item of ``made``; None if there is none."""
    latest: Item | None = None
    async with aclosing(made(workers, request, items)) as results:
        async for item in results:
            latest = item
    return latest


@contextmanager
def reporting_problems() -> Iterator[None]:
    """Report problems that the caller can fix as one sentence."""
    try:
        yield
    except BaowenError as error:
        raise _Told(str(error), print_exception=False) from None
