"""Limits for reading one issue or one picture, and the messages when they are exceeded."""

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
    """Maximum memory in bytes and time in seconds."""

    memory: int = 3 << 30
    seconds: float = 3600.0  # a volume of scans on a slow machine; uploads get less


def sentence(path: Path, failure: Failure, limits: Limits) -> str:
    """The message that names the file and the reason for the failure."""
    if failure.sentence:
        return failure.reason
    why = _WHY.get(failure.reason, "读取时出错 (cannot read): {reason}")
    return f"{path}: " + why.format(seconds=limits.seconds, memory=limits.memory >> 20, reason=failure.reason)
