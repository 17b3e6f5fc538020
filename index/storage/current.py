"""The currently published snapshot."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from index.errors import BaowenError, DamagedSnapshotError

from .local import LocalStore
from .snapshots import ArchiveFolder

log = logging.getLogger(__name__)

_ATTEMPTS = 5


class CurrentStore:
    """Opens the published snapshot, and the next one when it is published."""

    def __init__(self, path: Path) -> None:
        self._folder = ArchiveFolder(path)
        self._lock = threading.Lock()
        self._current: Path | None = None
        self._store: LocalStore | None = None
        self._earlier: LocalStore | None = None

    def __call__(self) -> LocalStore:
        """The newest snapshot, opened once."""
        with self._lock:
            current = self._folder.require_current()
            if current != self._current:
                self._earlier, self._store = self._store, self._open(current)
                self._current = current
            assert self._store is not None
            return self._store

    def at(self, snapshot: str) -> LocalStore | None:
        """An earlier snapshot that is still available; the last one requested stays open, for further pages."""
        with self._lock:
            if self._earlier is None or self._earlier.snapshot != snapshot:
                path = next((path for path in self._folder.published() if path.name == snapshot), None)
                if path is None:
                    return None
                self._earlier = LocalStore(path)
            return self._earlier

    def _open(self, current: Path) -> LocalStore:
        """Open ``current``, or the newest intact snapshot before it."""
        for attempt in range(_ATTEMPTS):
            try:
                return LocalStore(current)
            except OSError as error:  # removed meanwhile: a newer one has been published
                current = self._folder.require_current()
                if attempt == _ATTEMPTS - 1:
                    raise BaowenError(f"无法打开馆藏 {self._folder.path} (cannot open): {error}") from error
            except DamagedSnapshotError as error:
                log.warning("%s；暂用更早的快照 (using an earlier one)", error)
                return self._open_before(current, error)
        raise AssertionError("unreachable")

    def _open_before(self, current: Path, damage: DamagedSnapshotError) -> LocalStore:
        for snapshot in self._folder.before(current):
            try:
                return LocalStore(snapshot)
            except (DamagedSnapshotError, OSError) as error:
                log.warning("%s", error)
        raise damage
