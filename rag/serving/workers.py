"""One thread per answer, which alone advances and closes its iterator; no shared thread pool is used."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from .cancellation import Cancellation, Interrupted, Left

Item = TypeVar("Item")
Gone = Callable[[], Awaitable[bool]]

_LOOKS_EVERY = 0.5  # seconds between two checks whether the client has disconnected
_PATIENCE = 3.0  # seconds for a worker to end; after that the client is told anyway


@dataclass(frozen=True)
class _Failed:
    error: BaseException


class _Ended:
    """Sent after the last item."""


_Sent: TypeAlias = Item | _Failed | _Ended


class Workers:
    """The threads that make answers.

    Args:
        most: how many answers may be in progress, including those waiting for the model.
    """

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._under_way: set[Cancellation] = set()
        self._awaited: set[Cancellation] = set()
        self._closed = False

    def __len__(self) -> int:
        """The number of answers that are in progress or not yet delivered."""
        return len(self._under_way | self._awaited)

    def admit(self) -> None:
        """Check that one more answer can be started.

        Raises:
            Interrupted: too many are in progress, or the server is stopping.
        """
        if self._closed:
            raise _stopping()
        if len(self._under_way) >= self._most:
            raise Interrupted("现在提问的人太多 (too many questions at once)；请稍后再问")

    @property
    def closed(self) -> bool:
        """Whether no more answers are started."""
        return self._closed

    def refuse(self) -> None:
        """Start no more answers, since the server will stop; those in progress may finish."""
        self._closed = True

    def close(self) -> None:
        """Start no more answers and cancel those in progress with a message, since the server is stopping."""
        with self._lock:
            self._closed = True
            under_way = list(self._under_way)
        for cancellation in under_way:
            cancellation.cancel(_stopping())

    @contextlib.asynccontextmanager
    async def run(
        self, items: Iterator[Item], cancellation: Cancellation, gone: Gone
    ) -> AsyncIterator[AsyncIterator[Item]]:
        """Return the items as a thread produces them; leaving the block ends the work, and so does ``gone``.

        Args:
            items: an iterator that was not started yet; it ends, or raises the reason, soon after ``cancellation``.
            cancellation: is set here when the client is gone.
            gone: returns whether the client is gone; called every half second.

        Raises:
            Interrupted: as ``admit``, or the work was ended. Exceptions of ``items`` are raised when they are read.
        """
        with self._lock:
            self.admit()
            self._under_way.add(cancellation)
            self._awaited.add(cancellation)
        loop, results = asyncio.get_running_loop(), asyncio.Queue[_Sent[Item]]()

        def put(sent: _Sent[Item]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody is waiting
                loop.call_soon_threadsafe(results.put_nowait, sent)

        context = contextvars.copy_context()
        threading.Thread(
            target=context.run, args=(self._work, items, cancellation, put), daemon=True, name="answer"
        ).start()
        watch = asyncio.create_task(_watch(cancellation, gone, results))
        try:
            yield _received(results)
        finally:
            watch.cancel()
            self._awaited.discard(cancellation)
            cancellation.cancel(Left())

    def _work(self, items: Iterator[Item], cancellation: Cancellation, put: Callable[[_Sent[Item]], None]) -> None:
        try:
            for item in items:
                put(item)
                if isinstance(cancellation.reason, Left):
                    break
        except Left:
            pass
        except BaseException as error:
            put(_Failed(error))
        finally:
            try:
                close = getattr(items, "close", None)
                if close:
                    close()
            finally:
                with self._lock:
                    self._under_way.discard(cancellation)
                put(_Ended())


async def _received(results: asyncio.Queue[_Sent[Item]]) -> AsyncIterator[Item]:
    while not isinstance(sent := await results.get(), _Ended):
        if isinstance(sent, _Failed):
            raise sent.error
        yield sent


async def _watch(cancellation: Cancellation, gone: Gone, results: asyncio.Queue[_Sent[Item]]) -> None:
    """End the work once the client is gone; tell the client if the work should have ended but has not."""
    since: float | None = None
    while True:
        if await gone():
            cancellation.cancel(Left())
            return
        reason = cancellation.reason
        if reason and since is None:
            since = time.monotonic()
        if reason and since and time.monotonic() - since > _PATIENCE:
            results.put_nowait(_Failed(reason))
            return
        await asyncio.sleep(_LOOKS_EVERY)


def _stopping() -> Interrupted:
    return Interrupted("服务正在停止，回答中断了 (the server is shutting down)；请稍后再问")
