"""What a pack is made of: a snapshot, the corrections and pictures of its archive, and what else is asked for."""

from __future__ import annotations

import datetime
import importlib.metadata
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import BaowenError
from ..overlay.log import FILE as CORRECTIONS
from ..storage.images import ImageStore, image_name
from ..storage.local import DATABASE
from ..storage.pages import has_pictures, images_of
from ..storage.snapshots import files_of
from ..storage.store import Stamp
from .manifest import ARCHIVE, OVERLAY, Manifest


@dataclass(frozen=True)
class Contents:
    """The list of a pack, and where each of its files is."""

    manifest: Manifest
    paths: Mapping[str, Path]


@contextmanager
def gathered(snapshot: Path, extras: Mapping[str, Path], images: bool) -> Iterator[Contents]:
    """What to pack of a snapshot; the archive's files, which never change, come first.

    Raises:
        BaowenError: the archive's corrections or its list of pictures cannot be read.
    """
    archive, stamp = snapshot.parent.parent, Stamp.read(snapshot)
    paths = {ARCHIVE + name: snapshot / name for name in files_of(snapshot)} | dict(extras)
    with tempfile.TemporaryDirectory(prefix="baowen-pack-") as temporary:
        if (archive / CORRECTIONS).is_file():
            paths[OVERLAY] = Path(temporary, OVERLAY)
            copy_database(archive / CORRECTIONS, paths[OVERLAY])
        if images:
            paths |= _pictures(snapshot, ImageStore(archive))
        manifest = Manifest(
            program=importlib.metadata.version("baowen"),
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            snapshot=snapshot.name,
            articles=stamp.articles,
            passages=stamp.passages,
            files={name: path.stat().st_size for name, path in paths.items()},
        )
        yield Contents(manifest, paths)


def copy_database(path: Path, target: Path) -> None:
    """Copy an SQLite file whole, though others may be writing to it.

    Raises:
        BaowenError: it is missing or cannot be read.
    """
    if not path.is_file():
        raise BaowenError(f"没有文件 {path} (no such file)")
    try:
        with copied(path, target):
            pass
    except (OSError, sqlite3.Error) as error:
        raise BaowenError(f"无法读取 {path} (cannot read): {error}") from error


@contextmanager
def copied(path: Path, target: Path) -> Iterator[sqlite3.Connection]:
    """An open copy, for its owner alone, of an SQLite file to which others may be writing.

    Raises:
        OSError: either cannot be opened.
        sqlite3.Error: as OSError, or the file is damaged.
    """
    with (
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        target.chmod(0o600)
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, whatever the source is written with
        yield copy


def _pictures(snapshot: Path, images: ImageStore) -> dict[str, Path]:
    """The pictures that a snapshot shows and that are there."""
    try:
        with closing(sqlite3.connect(snapshot / DATABASE)) as database:
            shown = sorted(images_of(database)) if has_pictures(database) else []
    except sqlite3.Error as error:
        raise BaowenError(f"无法读取馆藏 {snapshot} (cannot read): {error}") from error
    return {image_name(image): path for image in shown if (path := images.path(image)) is not None}
