"""Slows down password guessing by address and by name, without running bcrypt and without locking others out."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict

_FREE = {"address": 5, "name": 20}  # wrong guesses in a row before a wait
_LONGEST = 900.0  # seconds; the wait doubles with each wrong guess up to this
_FORGOTTEN = 3600.0  # seconds after the last wrong guess
_REMEMBERED = 20_000  # addresses and names
_SUBSCRIBER = 64  # bits of an IPv6 address that identify a subscriber

_Key = tuple[str, str]


class Guesses:
    """Counts wrong guesses. A person who logged in from an address before is not delayed by guesses from others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrong: OrderedDict[_Key, tuple[int, float]] = OrderedDict()
        self._good: OrderedDict[_Key, None] = OrderedDict()

    def begin(self, name: str, address: str) -> float:
        """Count a guess as wrong until ``right`` is called, so that concurrent guesses are counted too.

        Returns:
            0, or the seconds until this name may be tried from this address; in that case the guess is not counted.
        """
        address = _subscriber(address)
        with self._lock:
            wait = self._left(name, address)
            if wait <= 0:
                now = _now()
                for key in (("address", address), ("name", name)):
                    count, last = self._wrong.get(key, (0, now))
                    _remember(self._wrong, key, ((0 if now - last > _FORGOTTEN else count) + 1, now))
            return wait

    def right(self, name: str, address: str) -> None:
        """Note that the guess was right."""
        address = _subscriber(address)
        with self._lock:
            self._wrong.pop(("address", address), None)
            count, last = self._wrong.get(("name", name), (1, 0.0))
            if count > 1:
                self._wrong[("name", name)] = (count - 1, last)
            else:
                self._wrong.pop(("name", name), None)
            _remember(self._good, (name, address), None)

    def wait(self, name: str, address: str) -> float:
        """Return the seconds until this name may be tried from this address; 0 if now."""
        with self._lock:
            return self._left(name, _subscriber(address))

    def _left(self, name: str, address: str) -> float:
        keys = [("address", address)] + ([] if (name, address) in self._good else [("name", name)])
        return max(self._left_of(key) for key in keys)

    def _left_of(self, key: _Key) -> float:
        count, last = self._wrong.get(key, (0, 0.0))
        over = count - _FREE[key[0]]
        passed = _now() - last
        if over < 0 or passed > _FORGOTTEN:
            return 0.0
        return max(0.0, min(2.0 ** min(over, 20), _LONGEST) - passed)


def _subscriber(address: str) -> str:
    """The address, or for IPv6 the network that belongs to its subscriber."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, _SUBSCRIBER), strict=False)) if found.ipv4_mapped is None else str(found)


def _now() -> float:
    return time.monotonic()


def _remember(held: OrderedDict, key: _Key, value: object) -> None:  # type: ignore[type-arg]
    held[key] = value
    held.move_to_end(key)
    if len(held) > _REMEMBERED:
        held.popitem(last=False)
