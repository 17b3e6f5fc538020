"""A reading process as this side sees it."""

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

# Without index/__init__.py, which would load all of the write side.
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
_OF_OURS = "BAOWEN_"  # settings, secrets among them, are not for it
_CHUNK = 1 << 20


class ReadingProcess:
    """Started once, asked again and again; after a failure it is not alive any more.

    Args:
        command: what to start.
    """

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_OF_OURS)}
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in sys.path)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._is_ready = False

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, request: Request) -> object:
        """What it says: an ``Issue``, a ``PageImage``, or a ``Failure``: ``time``, ``memory``, ``crash`` or another."""
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
        """End it, whatever it does."""
        self._process.kill()
        with suppress(OSError):
            self._process.communicate()


class Processes:
    """Those that are idle; one is started where there is none."""

    def __init__(self, start: Callable[[], ReadingProcess] = ReadingProcess, most_idle: int = 2) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._idle: list[ReadingProcess] = []
        self._most_idle = most_idle
        os.register_at_fork(after_in_child=self._idle.clear)  # they are the other process's

    def ask(self, request: Request) -> object:
        """As ``ReadingProcess.ask``."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
        process = process if process is not None and process.is_alive else self._start()
        try:
            found = process.ask(request)
        except BaseException:  # Ctrl-C among them
            process.end()
            raise
        with self._lock:
            fit = process.is_alive and found != Failure("memory")  # it may still hold what was too much
            if fit and len(self._idle) < self._most_idle:
                self._idle.append(process)
                return found
        process.end()
        return found

    def close(self) -> None:
        """End those that are idle."""
        with self._lock:
            idle, self._idle[:] = list(self._idle), []
        for process in idle:
            process.end()


shared = Processes()
atexit.register(shared.close)
