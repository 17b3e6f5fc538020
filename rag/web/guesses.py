"""Slows down whoever guesses passwords, by address and by name: bcrypt is not asked, and others are let in."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

_FREE = {"address": 5, "name": 20}  # wrong guesses in a row before one has to wait
_LONGEST = 900.0  # seconds; the wait doubles with each wrong guess up to this
_FORGOTTEN = 3600.0  # seconds after the last wrong guess
_REMEMBERED = 20_000  # addresses and names


class Guesses:
    """Counts wrong guesses. Whoever has logged in from an address before is not kept waiting by guesses from others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrong: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._good: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait(self, name: str, address: str) -> float:
        """Seconds until this name may be tried from this address; 0: now."""
        with self._lock:
            keys = [("address", address)] + ([] if (name, address) in self._good else [("name", name)])
            return max(self._left(key) for key in keys)

    def _left(self, key: tuple[str, str]) -> float:
        count, last = self._wrong.get(key, (0, 0.0))
        over = count - _FREE[key[0]]
        passed = _now() - last
        if over < 0 or passed > _FORGOTTEN:
            return 0.0
        return max(0.0, min(2.0 ** min(over, 20), _LONGEST) - passed)

    def tried(self, name: str, address: str, right: bool) -> None:
        """Count a guess."""
        with self._lock:
            if right:
                self._wrong.pop(("address", address), None)
                _remember(self._good, (name, address), None)
                return
            now = _now()
            for key in (("address", address), ("name", name)):
                count, last = self._wrong.get(key, (0, now))
                _remember(self._wrong, key, ((0 if now - last > _FORGOTTEN else count) + 1, now))


def _now() -> float:
    return time.monotonic()


def _remember(held: OrderedDict, key: tuple[str, str], value: object) -> None:  # type: ignore[type-arg]
    held[key] = value
    held.move_to_end(key)
    if len(held) > _REMEMBERED:
        held.popitem(last=False)
