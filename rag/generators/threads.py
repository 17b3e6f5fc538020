"""How many threads a language model uses, and that they give way to searches."""

from __future__ import annotations

import os
import sys

_NICE = 5  # at this, a search that comes meanwhile gets three quarters of a core


def give_way() -> None:
    """Lower this thread's priority; on Linux the threads that it starts take it over."""
    if sys.platform == "linux":
        os.nice(_NICE)


def usable_cores() -> int:
    """Cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
