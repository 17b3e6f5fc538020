"""What somebody else may change, looked at again after some seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from index.errors import BaowenError

Value = TypeVar("Value")

_EVERY_S = 2.0
_AFTER_FAILURE_S = 15.0  # a database that is away may take seconds to say so

log = logging.getLogger(__name__)


class Refreshed(Generic[Value]):
    """A value that is read again after 2 seconds; while it cannot be read it is as it was.

    Args:
        read: reads it; raises BaowenError where it cannot.
    """

    def __init__(self, read: Callable[[], Value]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._held: tuple[Value, ...] = ()
        self._due = 0.0

    def value(self) -> Value:
        """What was read last, not more than 2 seconds ago.

        Raises:
            BaowenError: it could not be read, and never was.
        """
        with self._lock:
            if not self._held or time.monotonic() >= self._due:
                try:
                    self._held = (self._read(),)
                    self._due = time.monotonic() + _EVERY_S
                except BaowenError as error:
                    if not self._held:
                        raise
                    log.warning("%s", error)
                    self._due = time.monotonic() + _AFTER_FAILURE_S
            return self._held[0]

    def expire(self) -> None:
        """Have it read again at the next look."""
        self._due = 0.0
