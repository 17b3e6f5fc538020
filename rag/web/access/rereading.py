"""Read a file again while a server runs, without locking anybody out if it can no longer be read."""

from __future__ import annotations

import logging
from collections.abc import Callable

from index.errors import BaowenError

log = logging.getLogger(__name__)


class Rereading:
    """Runs a reader of a file; if it fails, what was read last stays, and the log says so once for each problem.

    Args:
        kept: what stays, in English, for the log.
    """

    def __init__(self, kept: str) -> None:
        self._kept = kept
        self._problem = ""

    def run(self, read: Callable[[], None]) -> None:
        """Read; a ``BaowenError`` is logged."""
        try:
            read()
            self._problem = ""
        except BaowenError as error:
            if str(error) != self._problem:  # once, not with every request
                self._problem = str(error)
                log.error("%s；仍按上次读到的 (the %s last read stay)", error, self._kept)
