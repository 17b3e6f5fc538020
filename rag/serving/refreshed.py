"""A cached value that others may change, reread every few seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from index.errors import BaowenError

Value = TypeVar("Value")

_EVERY_S = 2.0
_AFTER_FAILURE_S = 15.0  # an unreachable database may take seconds to fail

log = logging.getLogger(__name__)


class Refreshed(Generic[Value]):
    """A value that is read again after 2 seconds; if that fails, the last value is kept.

    Args:
        read: reads the value; raises BaowenError if it cannot.
    """

    def __init__(self, read: Callable[[], Value]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._held: tuple[Value, ...] = ()
        self._due = 0.0

    def value(self) -> Value:
        """Return the value, read at most 2 seconds ago unless reading fails.

        Raises:
            BaowenError: the value cannot be read and was never read before.
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
        """Read the value again at the next call of ``value``."""
        self._due = 0.0
