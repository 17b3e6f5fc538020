"""An archive's folder: published snapshots, the name of the current one, and the writer's lock.

archive/CURRENT            the name of the current snapshot
archive/snapshots/000001/  one immutable state: articles, vectors, stamp, checksums
archive/snapshots/000001.000001/  the same with changed text corrections, which replaces it
archive/images/            page images, addressed by content, shared by the snapshots
archive/recognised.sqlite  recognition results, so that recognition is done only once
archive/journal.sqlite     unpublished work of a build: vectors, and issues read by a cluster
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import shutil
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from index.errors import BaowenError, DamagedSnapshotError

try:
    import fcntl
except ImportError:  # Windows refuses to remove open files, which has the same effect
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

_KEEP = 2
STAMP = "stamp.json"
CHECKSUMS = "checksums.json"

# Snapshots up to this size are read completely when opened; of larger ones, only sizes are compared.
_CHECKED_WHOLE = 512 << 20
_CHUNK = 1 << 22


class ArchiveFolder:
    """The folder of one archive."""

    def __init__(self, path: Path) -> None:
        if str(path).startswith("milvus:"):
            raise BaowenError(
                f"{path} 在 Milvus 里，这里要文件夹 (a folder is needed here)；"
                f"请建在文件夹里，再复制 (build there, then copy): baowen copy 馆藏 {path}"
            )
        self.path = path
        self.journal = path / "journal.sqlite"
        self.recognised = path / "recognised.sqlite"
        self._snapshots = path / "snapshots"
        self._current = path / "CURRENT"
        self._holder = path / "writer.txt"

    def current(self) -> Path | None:
        """The published snapshot's folder, or None if nothing has been published."""
        try:
            name = self._current.read_text(encoding="utf-8", errors="replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise BaowenError(f"无法打开馆藏 {self.path} (cannot open): {error.strerror}") from error
        published = self.published()
        if published and name not in {path.name for path in published}:
            log.warning("馆藏 %s 的 CURRENT 已损坏 (damaged): %r，改用 %s", self.path, name[:40], published[-1].name)
            return published[-1]
        return self._snapshots / name

    def require_current(self) -> Path:
        """The published snapshot's folder.

        Raises:
            BaowenError: nothing is published; the message ends with the command that builds an archive.
        """
        current = self.current()
        if current is None:
            raise BaowenError(
                f"{self.path} 不是报问馆藏 (not an archive); "
                f"请先运行 (run): baowen build 报纸文件夹 --archive {self.path}"
            )
        return current

    def published(self) -> list[Path]:
        """All available snapshots, oldest first."""
        return sorted(path for path in self._snapshots.glob("[0-9]*") if path.is_dir())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock; the lock of a crashed writer is already released.

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
        """Create an empty folder for the next snapshot; leftovers of crashed builds are removed."""
        for leftover in [*self._snapshots.glob("building-*"), *self._snapshots.glob("removing-*")]:
            shutil.rmtree(leftover)
        current = self.current()
        for never_published in self.published():
            if current is not None and never_published.name > current.name:
                _remove_unused(never_published)
        folder = self._snapshots / f"building-{os.getpid()}"
        folder.mkdir()
        return folder

    def publish(self, built: Path, revised: Path | None = None, *, recorded: bool = False) -> Path:
        """Make ``built`` the current snapshot with a single rename, once it is safely on disk.

        Args:
            built: the folder with its files.
            revised: the snapshot that it replaces, from which it differs only in corrections.
            recorded: its files have already been compared with the checksums stored among them.
        """
        if not recorded:
            write_checksums(built)
        for file in built.rglob("*"):
            fsync(file)
        last = max((_build(path) for path in self.published()), default=0)
        name = f"{last + 1:06d}" if revised is None else f"{_build(revised):06d}.{_revision(revised) + 1:06d}"
        target = self._snapshots / name
        fsync(built)
        built.rename(target)
        fsync(self._snapshots)
        self.point_to(target)
        builds = sorted({_build(path) for path in self.published()})[-_KEEP - 1 :]
        newest = {_build(path): path for path in self.published() if _build(path) in builds}
        for old in self.published():
            if old not in newest.values():
                _remove_unused(old)
        return target

    def point_to(self, snapshot: Path) -> None:
        """Publish ``snapshot`` by writing its name to CURRENT."""
        partial = self._current.with_suffix(".partial")
        try:
            partial.write_text(snapshot.name + "\n", encoding="utf-8")
            fsync(partial)
            partial.replace(self._current)
        finally:
            partial.unlink(missing_ok=True)
        fsync(self.path)

    def take_back(self, before: Path | None) -> None:
        """Make ``before`` the current snapshot again if a later one is current, and remove the later ones."""
        if before is None:
            self._current.unlink(missing_ok=True)
        elif self.current() != before:
            self.point_to(before)
        for later in self.published():
            if before is None or later.name > before.name:
                _remove_unused(later)

    def rollback(self) -> Path:
        """Publish the previous snapshot again.

        Raises:
            BaowenError: there is none.
        """
        older = self.before(self.require_current())
        for snapshot in older:
            try:
                check_files(snapshot, whole=True)
            except DamagedSnapshotError as error:
                log.warning("%s", error)
                continue
            self.point_to(snapshot)
            return snapshot
        raise BaowenError(f"馆藏 {self.path} 没有更早的完好快照 (no earlier snapshot)")

    def before(self, snapshot: Path) -> list[Path]:
        """The snapshots of earlier builds than that of ``snapshot``, newest first."""
        return [path for path in reversed(self.published()) if _build(path) < _build(snapshot)]


def _build(snapshot: Path) -> int:
    """The number of the build that a snapshot belongs to: 12 for 000012 and 000012.000003."""
    return int(snapshot.name.partition(".")[0])


def _revision(snapshot: Path) -> int:
    """How often its corrections have been published since: 3 for 000012.000003."""
    return int(snapshot.name.partition(".")[2] or 0)


def files_of(snapshot: Path) -> list[str]:
    """The files of a snapshot, relative to its folder, without the empty ones used as locks."""
    files = sorted(path for path in snapshot.rglob("*") if path.is_file() and path.suffix != ".lock")
    return [path.relative_to(snapshot).as_posix() for path in files]


def write_checksums(snapshot: Path) -> None:
    """Record the size and checksum of each file of a snapshot in its folder."""
    files = {name: _fingerprint(snapshot / name) for name in files_of(snapshot) if name != CHECKSUMS}
    (snapshot / CHECKSUMS).write_text(json.dumps(files, indent=1) + "\n", encoding="utf-8")


def check_files(snapshot: Path, *, whole: bool | None = None) -> None:
    """Compare a snapshot's files with their record.

    Args:
        snapshot: its folder.
        whole: read the files completely; None: only if that is quick.

    Raises:
        FileNotFoundError: the snapshot has been removed.
        DamagedSnapshotError: a file is missing or has another size or other bytes; the message says what to run.
    """
    try:
        record = json.loads((snapshot / CHECKSUMS).read_text(encoding="utf-8"))
        sizes = {name: (snapshot / name).stat().st_size for name in record}
        if whole is None:
            whole = sum(sizes.values()) <= _CHECKED_WHOLE
        for name, (size, checksum) in record.items():
            if sizes[name] != size or (whole and _fingerprint(snapshot / name)[1] != checksum):
                raise damaged(snapshot, name)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        if not snapshot.is_dir():
            raise FileNotFoundError(f"{snapshot} has been removed") from error
        raise damaged(snapshot, str(error)) from error


def damaged(snapshot: Path, what: str) -> DamagedSnapshotError:
    """The error for a snapshot that cannot be read."""
    return DamagedSnapshotError(
        f"快照 {snapshot} 已损坏 (damaged): {what[:200]}；"
        "请运行 (run) baowen rollback 退回上一个，或用 baowen build 重建"
    )


def _fingerprint(file: Path) -> tuple[int, int]:
    """Size and CRC-32, which protect against decay, not against malice."""
    size = checksum = 0
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
    return size, checksum


def hold(snapshot: Path) -> IO[bytes]:
    """An open file that prevents the removal of ``snapshot`` until it is closed.

    Raises:
        OSError: the snapshot is gone.
    """
    handle = (snapshot / STAMP).open("rb")
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def _remove_unused(snapshot: Path) -> None:
    """Remove a snapshot unless a reader holds it; the next build tries again."""
    try:
        with (snapshot / STAMP).open("rb") as handle:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            leaving = snapshot.with_name(f"removing-{snapshot.name}")  # gone in one step, even if this is killed
            snapshot.rename(leaving)
            shutil.rmtree(leaving)
    except OSError:
        log.info("快照 %s 还有人在读，下次再删 (still being read)", snapshot.name)


def fsync(path: Path) -> None:
    """Flush a file or folder to disk before continuing."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
