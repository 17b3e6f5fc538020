"""What one issue, or one picture, may take, and how it is said that it took more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .frames import Failure

_WHY = {
    "time": "{seconds:g} 秒内没有读完 (took too long)",
    "memory": "读它要的内存超过 {memory} MB (needs too much memory)",
    "crash": "读它的程序崩溃了 (the reader crashed)",
}


@dataclass(frozen=True)
class Limits:
    """Bytes of memory, seconds."""

    memory: int = 3 << 30
    seconds: float = 3600.0  # a volume of scans on a slow machine; an upload has less


def sentence(path: Path, failure: Failure, limits: Limits) -> str:
    """Which file it is, and why nothing came of it."""
    if failure.sentence:
        return failure.reason
    why = _WHY.get(failure.reason, "读取时出错 (cannot read): {reason}")
    return f"{path}: " + why.format(seconds=limits.seconds, memory=limits.memory >> 20, reason=failure.reason)
