"""The parent's side of a reading process."""

from __future__ import annotations

import atexit
import os
import pickle
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from .frames import HEAD, LONGEST, Failure, Request, believed, send

# Skips index/__init__.py, which would load all of the write side.
_START = """
import sys, types
sys.modules["index"] = package = types.ModuleType("index")
package.__path__ = [sys.argv[1]]
from index import privacy
from index.isolation.child import main
main()
"""
_COMMAND = (sys.executable, "-P", "-c", _START, str(Path(__file__).parent.parent))
_STARTS_WITHIN = 300.0  # seconds, on a busy machine
_OF_OURS = "BAOWEN_"  # prefix of our settings, including secrets, which are not passed on
_CHUNK = 1 << 20


class ReadingProcess:
    """A reading process that is started once and answers many requests. It ends after a failure.

    Args:
        command: the command to start.
    """

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_OF_OURS)}
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in sys.path)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._is_ready = False

    @property
    def is_alive(self) -> bool:
        """Whether it can answer requests."""
        return self._process.poll() is None

    def ask(self, request: Request) -> object:
        """Return an ``Issue``, a ``PageImage``, or a ``Failure`` (``time``, ``memory``, ``crash`` or other)."""
        if not self._is_ready:
            if isinstance(found := self._answer(_STARTS_WITHIN), Failure):
                return found
            self._is_ready = True
        try:
            send(self._process.stdin, request)  # type: ignore[arg-type]
        except OSError:
            return self._failed("crash")
        return self._answer(request.seconds)

    def _answer(self, seconds: float) -> object:
        end = time.monotonic() + seconds
        try:
            (size,) = HEAD.unpack(self._read(HEAD.size, end))
            if size > LONGEST:
                return self._failed("memory")
            return believed(self._read(size, end))
        except TimeoutError:
            return self._failed("time")
        except (EOFError, pickle.UnpicklingError, AttributeError, ImportError, TypeError, ValueError, IndexError):
            return self._failed("crash")

    def _read(self, size: int, end: float) -> bytes:
        file, data = self._process.stdout.fileno(), bytearray()  # type: ignore[union-attr]
        while len(data) < size:
            ready, _, _ = select.select([file], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError
            piece = os.read(file, min(_CHUNK, size - len(data)))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def _failed(self, reason: str) -> Failure:
        self.end()
        return Failure(reason)

    def end(self) -> None:
        """Kill the process, whatever it is doing."""
        self._process.kill()
        with suppress(OSError):
            self._process.communicate()


class Processes:
    """A pool of idle reading processes; a new one is started if none is idle."""

    def __init__(self, start: Callable[[], ReadingProcess] = ReadingProcess, most_idle: int = 2) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._idle: list[ReadingProcess] = []
        self._most_idle = most_idle
        os.register_at_fork(after_in_child=self._idle.clear)  # the idle processes belong to the parent

    def ask(self, request: Request) -> object:
        """Like ``ReadingProcess.ask``."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
        process = process if process is not None and process.is_alive else self._start()
        try:
            found = process.ask(request)
        except BaseException:  # including Ctrl-C
            process.end()
            raise
        with self._lock:
            fit = process.is_alive and found != Failure("memory")  # it may still use too much memory
            if fit and len(self._idle) < self._most_idle:
                self._idle.append(process)
                return found
        process.end()
        return found

    def close(self) -> None:
        """End the idle processes."""
        with self._lock:
            idle, self._idle[:] = list(self._idle), []
        for process in idle:
            process.end()


shared = Processes()
atexit.register(shared.close)
