"""How many threads a language model uses, that they give way to searches, and how one is waited for."""

from __future__ import annotations

import os
import queue
import sys
from collections.abc import Iterator

_NICE = 5  # at this, a search that comes meanwhile gets three quarters of a core
PATIENCE = 0.5  # seconds after which whoever waits for a piece may look at something else


def give_way() -> None:
    """Lower this thread's priority; on Linux the threads that it starts take it over."""
    if sys.platform == "linux":
        os.nice(_NICE)


def usable_cores() -> int:
    """Cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def received(pieces: queue.Queue[str | Exception | None]) -> Iterator[str]:
    """What a thread puts into ``pieces``, until None; empty pieces while nothing comes. An exception is raised."""
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
