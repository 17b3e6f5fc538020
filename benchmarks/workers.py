"""Processes that measure in turn, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self


class Worker:
    """A process that measures once for each line it is sent, and answers with a JSON object on a line."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        """Return the worker, which ends with the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        self._process.communicate()

    def turn(self) -> dict[str, Any]:
        """Let it measure; lines that are not objects, as libraries print them, are skipped.

        Raises:
            RuntimeError: the process ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("{"):
                measured: dict[str, Any] = json.loads(line)
                return measured
        raise RuntimeError(f"{self._process.args!r} ended with status {self._process.wait()}")
