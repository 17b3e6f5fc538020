"""An archive's folder: published snapshots, the name of the current one, and the writer's lock.

archive/CURRENT            the current snapshot's name
archive/snapshots/000001/  one immutable state: articles, vectors, stamp
archive/journal.sqlite     vectors made by a build that has not been published yet
"""

from __future__ import annotations

import datetime
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import BaowenError
from .store import Stamp

_KEEP = 2


class ArchiveFolder:
    """The folder of one archive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = path / "journal.sqlite"
        self._snapshots = path / "snapshots"
        self._current = path / "CURRENT"
        self._holder = path / "writer.txt"

    def current(self) -> Path | None:
        """The published snapshot's folder, or None where nothing has been published."""
        try:
            return self._snapshots / self._current.read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise BaowenError(f"无法打开馆藏 {self.path} (cannot open): {error.strerror}") from error

    def require_current(self) -> Path:
        """The published snapshot's folder.

        Raises:
            BaowenError: there is none; the message ends with the command that makes one.
        """
        current = self.current()
        if current is None:
            raise BaowenError(
                f"{self.path} 不是报问馆藏 (not an archive); "
                f"请先运行 (run): baowen build 报纸文件夹 --archive {self.path}"
            )
        return current

    def published(self) -> list[Path]:
        """All snapshots that are kept, oldest first."""
        return sorted(path for path in self._snapshots.glob("[0-9]*") if path.is_dir())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock; a writer that died has already let go of it.

        Raises:
            BaowenError: somebody else is writing (the message says who and since when), or the folder is read-only.
        """
        try:
            if self.path.exists() and not self.path.is_dir():
                raise BaowenError(f"{self.path} 是文件，不是馆藏文件夹 (a file, not an archive folder)")
            if self.path.is_dir() and any(self.path.iterdir()) and not self._is_ours():
                raise BaowenError(f"{self.path} 里有别的文件，不是报问馆藏 (not an archive); 请另选一个文件夹")
            self._snapshots.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path / "writer.lock", blocking=False):
                now = datetime.datetime.now().isoformat(" ", "seconds")
                self._holder.write_text(f"{socket.gethostname()} 进程 {os.getpid()}，自 {now}", encoding="utf-8")
                yield
        except Timeout:
            holder = self._holder.read_text(encoding="utf-8") if self._holder.exists() else "?"
            raise BaowenError(f"馆藏 {self.path} 正在被写入 (being written by): {holder}；请稍后再试") from None
        except OSError as error:
            raise BaowenError(f"无法写入馆藏 {self.path} (cannot write): {error.strerror or error}") from error

    def _is_ours(self) -> bool:
        return self._snapshots.is_dir() or self._current.exists() or (self.path / "writer.lock").exists()

    def begin(self) -> Path:
        """An empty folder for the next snapshot; leftovers of builds that died are removed."""
        for leftover in self._snapshots.glob("building-*"):
            shutil.rmtree(leftover)
        folder = self._snapshots / f"building-{os.getpid()}"
        folder.mkdir()
        return folder

    def publish(self, built: Path) -> Path:
        """Make ``built`` the current snapshot, in one rename, once it is safe on disk."""
        for file in built.iterdir():
            _sync(file)
        last = max((int(path.name) for path in self.published()), default=0)
        target = self._snapshots / f"{last + 1:06d}"
        _sync(built)
        built.rename(target)
        _sync(self._snapshots)
        self.point_to(target)
        kept = [path for path in self.published() if path != target]
        for old in kept[: max(0, len(kept) - _KEEP)]:
            shutil.rmtree(old, ignore_errors=True)
        return target

    def point_to(self, snapshot: Path) -> None:
        """Publish ``snapshot`` by naming it in CURRENT."""
        partial = self._current.with_suffix(".partial")
        partial.write_text(snapshot.name + "\n", encoding="utf-8")
        _sync(partial)
        partial.replace(self._current)
        _sync(self.path)

    def rollback(self) -> Path:
        """Publish the snapshot before the current one again.

        Raises:
            BaowenError: there is none.
        """
        current = self.require_current()
        older = [path for path in self.published() if path.name < current.name]
        if not older:
            raise BaowenError(f"馆藏 {self.path} 没有更早的快照 (no earlier snapshot)")
        Stamp.read(older[-1])
        self.point_to(older[-1])
        return older[-1]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
