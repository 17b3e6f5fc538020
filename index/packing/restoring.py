"""Restore an archive from a pack: all of it is checked before any of it can be read."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import BaowenError
from ..overlay.log import FILE as CORRECTIONS
from ..storage.images import image_name
from ..storage.local import DATABASE, LocalStore
from ..storage.snapshots import CHECKSUMS, ArchiveFolder, files_of, fsync
from .container import DamagedPackError, PackReader
from .manifest import ARCHIVE, HISTORY, IMAGES, KEPT, OVERLAY, Manifest
from .writing import free_bytes

_LEFT_FREE = 64 << 20  # bytes
_RATIO = 200  # newspapers and vectors are packed to a half or a third; what grows more is made to fill a disk
_SMALL = 64 << 20  # bytes that anything may grow to


@dataclass(frozen=True)
class Unpacked:
    """What was restored; ``left``: what else is in the pack and was not asked for."""

    archive: str
    snapshot: str
    articles: int
    passages: int
    created: str
    seconds: float
    restored: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def unpack(file: Path, archive: Path, extras: Mapping[str, Path] | None = None, *, replace: bool = False) -> Unpacked:
    """Restore a pack as the archive's current snapshot, in one step.

    Pictures of pages come with it, and so do corrections where the archive has none of its own.

    Args:
        file: the pack.
        archive: the folder; with an archive in it only where ``replace`` is set, and then ``rollback`` goes back.
        extras: where to restore what was packed beside it, by the names in ``manifest.EXTRAS``; never over a file.
        replace: publish the pack in an archive that there is.

    Raises:
        BaowenError: the pack is damaged, hostile, too large or of another format, or a file is in the way; the folder
            is as it was.
    """
    started, extras = time.perf_counter(), extras or {}
    folder = ArchiveFolder(archive)
    if folder.current() is not None and not replace:
        raise BaowenError(f"{archive} 里已有馆藏 (there is an archive)；要用备份取代它，请加 --replace")
    with _opened(file) as source, _made(archive):
        reader = PackReader(source, str(file))
        manifest = reader.manifest
        _check_size(manifest, file, archive)
        if missing := [name for name in extras if name not in manifest.files]:
            raise BaowenError(f"{file} 里没有 {missing[0]} (not in the pack)")
        extras = _with_corrections(manifest, archive, extras)
        with folder.writing():
            snapshot = _restored(reader, folder, extras)
    return Unpacked(
        str(archive),
        snapshot.name,
        manifest.articles,
        manifest.passages,
        manifest.created,
        round(time.perf_counter() - started, 3),
        tuple(extras),
        tuple(name for name in manifest.extras if name not in extras),
    )


def _with_corrections(manifest: Manifest, archive: Path, extras: Mapping[str, Path]) -> Mapping[str, Path]:
    """What to restore beside the snapshot; corrections that are there already stay as they are."""
    corrections = archive / CORRECTIONS
    if OVERLAY in manifest.files and not corrections.exists():
        return {**extras, OVERLAY: corrections}
    return extras


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    try:
        with file.open("rb") as source:
            yield source
    except OSError as error:
        raise BaowenError(f"无法读取备份 {file} (cannot read): {error.strerror or error}") from error


@contextmanager
def _made(archive: Path) -> Iterator[None]:
    """On failure a folder that was not there is gone again."""
    existed = archive.exists()
    try:
        yield
    except BaseException:
        if not existed and ArchiveFolder(archive).current() is None:
            shutil.rmtree(archive, ignore_errors=True)
        raise


def _check_size(manifest: Manifest, file: Path, archive: Path) -> None:
    packed = file.stat().st_size
    if manifest.size > packed * _RATIO + _SMALL:
        raise DamagedPackError(f"{file} 有 {packed} 字节，却说展开后有 {manifest.size} 字节 (grows too much)，不予展开")
    free = free_bytes(archive)
    if manifest.size > free - _LEFT_FREE:
        raise BaowenError(
            f"磁盘空间不够：{archive} 处余 {free >> 20} MB，展开要 {manifest.size >> 20} MB (not enough disk)"
        )


def _restored(reader: PackReader, folder: ArchiveFolder, extras: Mapping[str, Path]) -> Path:
    built = folder.begin()
    mark = secrets.token_hex(4)
    beside = {name: path.with_name(f".{path.name}.{mark}.partial") for name, path in extras.items()}
    dropped = built.with_name(built.name + "-beside")  # removed as what a dead build leaves

    def place(name: str) -> Path:
        return built / name.removeprefix(ARCHIVE) if name.startswith(ARCHIVE) else beside.get(name, dropped / name)

    try:
        digests = reader.extract(place)
        check_snapshot(built)
        for name in {HISTORY, KEPT, OVERLAY} & beside.keys():
            check_database(beside[name])
        new = {name: path for name, path in extras.items() if not _is_there(path, digests[name])}
        for name in new:
            beside[name].chmod(0o600)
            fsync(beside[name])
        with _placing(folder) as put:
            for picture in _pictures(dropped, folder.path, digests):
                put(picture, folder.path / picture.relative_to(dropped))
            snapshot = folder.publish(built, recorded=True)
            for name, path in new.items():  # last: they are on disk, and take their names alone
                put(beside[name], path)
            return snapshot
    except FileExistsError as error:
        raise DamagedPackError(f"一个文件出现两次 (a file twice): {error.filename}") from error
    finally:
        shutil.rmtree(built, ignore_errors=True)
        shutil.rmtree(dropped, ignore_errors=True)
        for partial in beside.values():
            partial.unlink(missing_ok=True)


@contextmanager
def _placing(folder: ArchiveFolder) -> Iterator[Callable[[Path, Path], None]]:
    """Gives restored files their names; on failure those are gone again, and so is what was published meanwhile."""
    before, placed = folder.current(), list[Path]()

    def put(partial: Path, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.rename(path)
        placed.append(path)

    try:
        yield put
    except BaseException:
        folder.take_back(before)
        for path in placed:
            path.unlink(missing_ok=True)
        raise


def _pictures(dropped: Path, archive: Path, digests: Mapping[str, str]) -> Iterator[Path]:
    """Pictures of pages that the archive has not; they are called by their SHA-256."""
    names = [name for name in digests if name.startswith(IMAGES)]
    if wrong := [name for name in names if name != image_name(digests[name])]:
        raise DamagedPackError(f"{wrong[0]} 的内容与名字不符 (not the picture that it is called)")
    for name in names:
        if not (archive / name).exists():
            fsync(dropped / name)
            yield dropped / name


def _is_there(path: Path, digest: str) -> bool:
    """Whether a file is restored already, as after a run that was killed; another one is not written over."""
    if not path.exists():
        return False
    with path.open("rb") as held:
        if hashlib.file_digest(held, "sha256").hexdigest() != digest:
            raise BaowenError(f"{path} 已经存在，不覆盖 (exists)；请换一个位置")
    return True


def check_snapshot(folder: Path) -> None:
    """Whether a snapshot that comes from elsewhere is sound and is nothing but a snapshot.

    Raises:
        BaowenError: it is not, or it is of another format.
    """
    record = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
    if sorted(record) != [name for name in files_of(folder) if name != CHECKSUMS]:
        raise DamagedPackError("备份的文件与快照的清单不符 (files other than the snapshot lists)")
    check_database(folder / DATABASE)
    LocalStore(folder, whole=True)


def check_database(path: Path) -> None:
    """Whether an SQLite file is sound and has tables and indexes alone, nothing that runs when it is read.

    Raises:
        DamagedPackError: it is not.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            odd = database.execute(
                "SELECT type || ' ' || name FROM sqlite_master "
                "WHERE type NOT IN ('table', 'index') OR upper(sql) LIKE 'CREATE VIRTUAL%'"
            ).fetchone()
            problem = odd or database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise DamagedPackError(f"{path.name}: {error}") from error
    if problem[0] != "ok":
        raise DamagedPackError(f"{path.name} 里有不该有的内容或已损坏 (unexpected or damaged): {problem[0][:200]}")
