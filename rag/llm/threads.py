"""Threads of language models: their number, their lower priority than searches, and waiting for their results."""

from __future__ import annotations

import os
import queue
import sys
from collections.abc import Iterator

_NICE = 5  # with this, a concurrent search gets three quarters of a core
PATIENCE = 0.5  # seconds to wait for a piece before giving back control


def give_way() -> None:
    """Lower this thread's priority on Linux; the threads that it starts inherit it."""
    if sys.platform == "linux":
        os.nice(_NICE)


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def received(pieces: queue.Queue[str | Exception | None]) -> Iterator[str]:
    """Yield what a thread puts into ``pieces`` until None, with empty pieces while waiting; raise exceptions."""
    while True:
        try:
            piece = pieces.get(timeout=PATIENCE)
        except queue.Empty:
            yield ""
            continue
        if piece is None:
            return
        if isinstance(piece, Exception):
            raise piece
        yield piece
