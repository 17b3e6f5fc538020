"""Bring an archive up to date with newspaper files, and publish the result."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from .config import PassageSettings
from .errors import BaowenError
from .models.embedder import Embedder
from .next_snapshot import Gate, NextSnapshot
from .overlay.log import Overlay
from .report import Report
from .search.names import Tagger
from .sources import find_sources
from .storage.snapshots import ArchiveFolder
from .storage.store import FORMAT, READ_FORMATS, Stamp
from .updating.reading import Reader, read_here


def build(
    paths: Sequence[Path],
    archive: Path,
    embedder: Embedder,
    passages: PassageSettings,
    *,
    keep_others: bool = False,
    gate: Gate | None = None,
    tagger: Tagger | None = None,
    images: bool = True,
    later: bool = False,
    overlay: Overlay | None = None,
    reader: Reader = read_here,
) -> Report:
    """Make the archive equal to ``paths``; with ``keep_others``, only add and replace issues.

    Issues whose files are unchanged are not read again, and a passage whose embedded text is already in the archive
    keeps its vector. The new state is published in one step; until then, readers see the old one.

    Args:
        gate: inspects the new state before it is published; raises ``BaowenError`` to keep the old one.
        tagger: finds the people, organisations and places by which articles are counted; None records no names.
        images: keep page images; if False, existing ones are removed.
        later: skip pages that need text recognition; the next build reads them.
        overlay: the text corrections to apply; None uses those in the archive's folder.
        reader: reads the files, here or on other machines; the resulting archive is the same.

    Raises:
        BaowenError: there is nothing to read, somebody else is writing, the archive was built with another model, or
            the disk is full or read-only.
    """
    started = time.perf_counter()
    found = find_sources(paths)
    folder = ArchiveFolder(archive)
    with folder.writing():
        stamp = _stamp(folder, embedder, passages)
        snapshot = NextSnapshot(folder, stamp, embedder, gate, tagger, overlay)
        snapshot.images, snapshot.later, snapshot.reader = images, later, reader
        report = snapshot.update(found.files, keep_others=keep_others)
        report.problems = found.failed + report.problems
        report.failed = len(report.problems)
        report.unread = dict(found.unread)
        report.seconds = round(time.perf_counter() - started, 3)
    return report


def migrate(archive: Path, embedder: Embedder, passages: PassageSettings, tagger: Tagger | None = None) -> Report:
    """Bring an archive of an earlier version to this version's format, without embedding anything again.

    Raises:
        BaowenError: the archive does not exist, or was built with another model.
    """
    started = time.perf_counter()
    folder = ArchiveFolder(archive)
    folder.require_current()
    with folder.writing():
        snapshot = NextSnapshot(folder, _stamp(folder, embedder, passages), embedder, tagger=tagger)
        report = snapshot.migrate()
        report.seconds = round(time.perf_counter() - started, 3)
    return report


def publish_corrections(
    archive: Path,
    embedder: Embedder,
    passages: PassageSettings,
    *,
    tagger: Tagger | None = None,
    overlay: Overlay | None = None,
) -> Report:
    """Publish the text corrections in their present state; the report's ``changed`` counts the articles.

    The new state replaces the current one, so that ``rollback`` still returns to the previous build.

    Raises:
        BaowenError: the archive does not exist, or somebody else is writing; the corrections are kept.
    """
    started = time.perf_counter()
    folder = ArchiveFolder(archive)
    folder.require_current()
    with folder.writing():
        snapshot = NextSnapshot(folder, _stamp(folder, embedder, passages), embedder, tagger=tagger, overlay=overlay)
        report = snapshot.correct()
        report.seconds = round(time.perf_counter() - started, 3)
    return report


def remove(ids: Sequence[str], archive: Path, embedder: Embedder, passages: PassageSettings) -> Report:
    """Remove articles by id. A later ``build`` of files that still contain them brings them back.

    Raises:
        BaowenError: the archive or one of the articles does not exist; nothing is removed then.
    """
    started = time.perf_counter()
    folder = ArchiveFolder(archive)
    folder.require_current()
    with folder.writing():
        snapshot = NextSnapshot(folder, _stamp(folder, embedder, passages), embedder)
        report = snapshot.remove(ids)
        report.seconds = round(time.perf_counter() - started, 3)
    return report


def _stamp(folder: ArchiveFolder, embedder: Embedder, passages: PassageSettings) -> Stamp:
    """The archive's stamp, or a new one; raises ``BaowenError`` if the settings differ from those it was built with."""
    current = folder.current()
    if current is None:
        return Stamp(FORMAT, embedder.name, embedder.dimension, passages.length, passages.longest_sentence)
    stamp = Stamp.read(current)
    for meaning, held, wanted in (
        ("格式 format", stamp.format if stamp.format not in READ_FORMATS else FORMAT, FORMAT),
        ("向量模型 embedder", stamp.embedder, embedder.name),
        ("段长 passages.length", stamp.passage_length, passages.length),
        ("最长句 passages.longest_sentence", stamp.longest_sentence, passages.longest_sentence),
    ):
        if held != wanted:
            raise BaowenError(
                f"馆藏 {folder.path} 的{meaning}是 {held}，现在配置的是 {wanted}；"
                f"请改回配置，或重建到新文件夹 (rebuild): baowen build 报纸文件夹 --archive {folder.path}-new"
            )
    return stamp
