"""Write the current snapshot of an archive, and what else is asked for, into one file."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import BaowenError
from ..storage.snapshots import CHECKSUMS, ArchiveFolder, fsync, hold
from .container import write
from .contents import gathered
from .manifest import ARCHIVE
from .progress import Progress

try:
    import fcntl
except ImportError:  # Windows refuses to open a file that another is writing
    fcntl = None  # type: ignore[assignment]

SUFFIX = ".baowen"
_STAMP = "%Y%m%dT%H%M%SZ"
_ATTEMPTS = 5


@dataclass(frozen=True)
class Packed:
    """What was written; ``removed``: older copies that ``keep`` no longer allows."""

    file: str
    bytes: int
    articles: int
    passages: int
    snapshot: str
    seconds: float
    removed: tuple[str, ...] = ()


def pack(
    archive: Path, target: Path, extras: Mapping[str, Path] | None = None, *, keep: int = 0, images: bool = False
) -> Packed:
    """Write the archive's current snapshot into ``target``, in one step: until it is whole there is no such file.

    The archive's corrections go with it.

    What a run that was killed has written is gone on with, where the snapshot is still the same.

    Args:
        archive: its folder; it is only read, and may be built meanwhile.
        target: the file to write.
        extras: what to pack beside it, by the names in ``manifest.EXTRAS``.
        keep: with 1 or more, the date is put into the name, and older copies than so many are removed.
        images: pack the pictures of its pages too.

    Raises:
        BaowenError: the archive does not exist or is damaged, or the file cannot be written.
    """
    started, partial = time.perf_counter(), target.with_name(target.name + ".partial")
    if keep:
        name = target.name.removesuffix(SUFFIX)
        target = target.with_name(f"{name}-{datetime.datetime.now(datetime.UTC):{_STAMP}}{SUFFIX}")
    with _held(ArchiveFolder(archive)) as snapshot, gathered(snapshot, extras or {}, images) as contents:
        manifest, paths = contents.manifest, contents.paths
        progress = Progress.of(partial, snapshot)
        with _written(target, partial, progress) as file:
            reached = progress.found(manifest, file.tell())
            file.truncate(reached.offset if reached else 0)
            file.seek(0, os.SEEK_END)
            write(file, reached.manifest if reached else manifest, paths, _crcs(snapshot), progress, reached)
    removed = _thinned(target, keep) if keep else ()
    seconds = round(time.perf_counter() - started, 3)
    size = target.stat().st_size
    return Packed(str(target), size, manifest.articles, manifest.passages, manifest.snapshot, seconds, removed)


@contextmanager
def _held(folder: ArchiveFolder) -> Iterator[Path]:
    """The current snapshot, which no build removes until it is packed."""
    for attempt in range(_ATTEMPTS):
        snapshot = folder.require_current()
        try:
            handle = hold(snapshot)
            break
        except OSError as error:  # removed meanwhile: a newer one has been published
            if attempt == _ATTEMPTS - 1:
                raise BaowenError(f"无法打开馆藏 {folder.path} (cannot open): {error}") from error
    with handle:
        yield snapshot


def _crcs(snapshot: Path) -> dict[str, int]:
    record = json.loads((snapshot / CHECKSUMS).read_text(encoding="utf-8"))
    return {ARCHIVE + name: crc for name, (_, crc) in record.items()}


@contextmanager
def _written(target: Path, partial: Path, progress: Progress) -> Iterator[IO[bytes]]:
    """A file beside ``target`` that takes its name once it is whole; a killed or interrupted run leaves it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            _lock(file, partial, target)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                progress.forget()
                partial.replace(target)
            except Exception:
                progress.forget()
                partial.unlink(missing_ok=True)
                raise
        fsync(target.parent)
    except OSError as error:
        raise BaowenError(f"无法写入备份 {target} (cannot write the pack): {error.strerror or error}") from error


def _lock(file: IO[bytes], partial: Path, target: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file.fileno()), partial.stat()):  # whoever had it has just given it its name
            raise FileNotFoundError
    except OSError:
        raise BaowenError(f"{target} 正在被写入 (being written)；请稍后再试") from None


def _thinned(newest: Path, keep: int) -> tuple[str, ...]:
    """Remove the oldest copies of one name beyond ``keep``; nothing else is touched."""
    name = newest.name[: -len("-20260101T000000Z" + SUFFIX)]
    copies = re.compile(re.escape(name) + r"-\d{8}T\d{6}Z" + re.escape(SUFFIX))
    held = sorted(path for path in newest.parent.iterdir() if copies.fullmatch(path.name))
    for old in held[:-keep]:
        old.unlink(missing_ok=True)
    return tuple(str(path) for path in held[:-keep])


def free_bytes(folder: Path) -> int:
    """Free bytes on the disk that ``folder`` is on or will be on."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
