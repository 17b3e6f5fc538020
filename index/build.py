"""Bring an archive up to date with newspaper files, and publish the result."""

from __future__ import annotations

import datetime
import hashlib
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .article import Article, Span
from .config import PassageSettings
from .embedder import Embedder
from .errors import BaowenError
from .passages import cut
from .reading import read_issue
from .reuse import Journal, KnownVectors
from .snapshots import ArchiveFolder, write_checksums
from .sources import Source, find_sources
from .store import (
    DATABASE,
    FORMAT,
    VECTORS,
    LocalStore,
    Stamp,
    Store,
    create_database,
    dump_article,
    embedded_text,
    empty_vectors,
)
from .words import words

log = logging.getLogger(__name__)

_BATCH = 256
_MOST_NAMED = 20  # more issues than this are counted, not logged one by one

Gate = Callable[[Store], None]


@dataclass
class Report:
    """What a build did. ``added`` to ``failed`` count files; ``articles`` and ``passages`` are the archive's."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: int = 0
    articles: int = 0
    passages: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)


def build(
    paths: Sequence[Path],
    archive: Path,
    embedder: Embedder,
    passages: PassageSettings,
    *,
    keep_others: bool = False,
    gate: Gate | None = None,
) -> Report:
    """Make the archive equal to ``paths``; with ``keep_others`` only add or replace.

    Issues whose files are unchanged are not read again, and a passage whose embedded text is already in the archive
    keeps its vector. The new state is published in one step; until then readers see the old one.

    Args:
        gate: looks at the new state before it is published, and raises ``BaowenError`` to keep the old one.

    Raises:
        BaowenError: nothing to read, another writer, a model other than the archive's, a full or read-only disk.
    """
    started = time.perf_counter()
    found = find_sources(paths)
    folder = ArchiveFolder(archive)
    with folder.writing():
        stamp = _stamp(folder, embedder, passages)
        edition = _Edition(folder, stamp, embedder, gate)
        report = edition.update(found.sources, keep_others=keep_others)
        report.problems = found.failed + report.problems
        report.failed = len(report.problems)
        report.seconds = round(time.perf_counter() - started, 3)
    return report


def remove(ids: Sequence[str], archive: Path, embedder: Embedder, passages: PassageSettings) -> Report:
    """Remove articles by id. A later ``build`` of files that still hold them brings them back.

    Raises:
        BaowenError: there is no such archive, or no such article; nothing is removed then.
    """
    started = time.perf_counter()
    folder = ArchiveFolder(archive)
    folder.require_current()
    with folder.writing():
        edition = _Edition(folder, _stamp(folder, embedder, passages), embedder)
        report = edition.remove(ids)
        report.seconds = round(time.perf_counter() - started, 3)
    return report


def _stamp(folder: ArchiveFolder, embedder: Embedder, passages: PassageSettings) -> Stamp:
    """The archive's stamp, or a new one; what was configured must not differ from what the archive was built with."""
    current = folder.current()
    if current is None:
        return Stamp(FORMAT, embedder.name, embedder.dimension, passages.length, passages.longest_sentence)
    stamp = Stamp.read(current)
    for meaning, held, wanted in (
        ("格式 format", stamp.format, FORMAT),
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


class _Edition:
    """The next snapshot while it is being made: a copy of the current one, changed and then published."""

    def __init__(self, folder: ArchiveFolder, stamp: Stamp, embedder: Embedder, gate: Gate | None = None) -> None:
        self.folder = folder
        self.gate = gate
        self.stamp = stamp
        self.embedder = embedder
        self.previous = folder.current()

    def update(self, sources: Sequence[Source], *, keep_others: bool) -> Report:
        """Apply the difference between ``sources`` and the current snapshot."""
        held, files = self._held()
        wanted = {source.key: source for source in sources}
        stale = [key for key, source in wanted.items() if held.get(key) != source.hash]
        gone = [] if keep_others else [key for key in held if key not in wanted]
        report = _compare(files, sources, gone)
        if not stale and not gone and self.previous is not None:
            return replace(report, articles=self.stamp.articles, passages=self.stamp.passages)
        with self._prepared() as (built, database, vectors):
            for key in [*gone, *(key for key in stale if key in held)]:
                _delete(database, vectors, "source_key = ?", key)
                database.execute("DELETE FROM sources WHERE key = ?", (key,))
                database.execute("DELETE FROM files WHERE source = ?", (key,))
            self._insert(database, vectors, [wanted[key] for key in stale], report)
            self._finish(built, database, vectors, report)
        return report

    def remove(self, ids: Sequence[str]) -> Report:
        """Remove articles by id."""
        report = Report()
        with self._prepared() as (built, database, vectors):
            for identity in ids:
                row = database.execute("SELECT source_key FROM articles WHERE id = ?", (identity,)).fetchone()
                if row is None:
                    raise BaowenError(f"馆藏里没有文章 {identity!r} (no such article); 可用 baowen search 查看编号")
                _delete(database, vectors, "id = ?", identity)
                database.execute("UPDATE sources SET hash = 'changed' WHERE key = ?", row)
                report.removed += 1
            self._finish(built, database, vectors, report)
        return report

    def _held(self) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
        if self.previous is None:
            return {}, {}
        with closing(sqlite3.connect(self.previous / DATABASE)) as database:
            hashes = dict(database.execute("SELECT key, hash FROM sources"))
            files = database.execute("SELECT path, sha256, source FROM files")
            return hashes, {path: (digest, key) for path, digest, key in files}

    def _prepared(self) -> _Prepared:
        return _Prepared(self.folder.begin(), self.previous, self.stamp.dimension)

    def _insert(self, database: sqlite3.Connection, vectors: Any, sources: Sequence[Source], report: Report) -> None:
        with (
            closing(Journal(self.folder.journal, self.stamp.embedder)) as journal,
            closing(KnownVectors(self.previous, journal)) as known,
        ):
            pending = self._pending(database, sources, report)
            total = sum(len(source.files) for source in sources)
            with tqdm(total=total, unit="文件", desc="读报并计算向量", disable=None) as bar:
                while batch := list(islice(pending, _BATCH)):
                    numbers = np.array([number for number, _, _ in batch], np.int64)
                    vectors.add_with_ids(self._vectors([text for _, text, _ in batch], known, journal), numbers)
                    bar.update(sum(files for _, _, files in batch))
                bar.update(total - bar.n)

    def _pending(
        self, database: sqlite3.Connection, sources: Sequence[Source], report: Report
    ) -> Iterator[tuple[int, str, int]]:
        """Insert articles and their passages; yield each passage's number, embedded text, and files finished."""
        finished = 0
        level = logging.INFO if len(sources) <= _MOST_NAMED else logging.DEBUG
        for source in sources:
            issue = read_issue((file.path, file.source) for file in source.files)
            report.problems.extend(issue.failed)
            report.warnings.extend(issue.warnings)
            database.execute("INSERT INTO sources VALUES (?, ?)", (source.key, source.hash))
            database.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?)",
                [(file.source, file.sha256, source.key) for file in source.files],
            )
            finished += len(source.files)
            log.log(level, "读入 (read) %s：%d 篇", source.key, len(issue.articles))
            for article in issue.articles:
                for number, text in self._insert_article(database, article, source.key, report):
                    yield number, text, finished
                    finished = 0

    def _insert_article(
        self, database: sqlite3.Connection, article: Article, key: str, report: Report
    ) -> Iterator[tuple[int, str]]:
        try:
            row = database.execute(
                "INSERT INTO articles (id, source_key, date, paper, page, title, fields, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    article.id,
                    key,
                    article.date,
                    article.paper,
                    article.page,
                    article.title,
                    dump_article(article),
                    article.body,
                ),
            )
        except sqlite3.IntegrityError:
            report.problems.append(f"{article.source}: 编号重复，已跳过 (duplicate id, skipped): {article.id}")
            return
        heading_words = " ".join(words(article.heading))
        spans = cut(article.body, self.stamp.passage_length, self.stamp.longest_sentence) or [Span(0, 0)]
        for span in spans:
            text = article.body[span.start : span.end]
            embedded = embedded_text(article, span)
            passage = database.execute(
                "INSERT INTO passages (article, start, end, embedded) VALUES (?, ?, ?, ?)",
                (row.lastrowid, span.start, span.end, _hash(embedded)),
            )
            number = passage.lastrowid or 0
            database.execute(
                "INSERT INTO words (rowid, heading, text) VALUES (?, ?, ?)",
                (number, heading_words, " ".join(words(text))),
            )
            yield number, embedded

    def _vectors(self, texts: Sequence[str], known: KnownVectors, journal: Journal) -> NDArray[np.float32]:
        result = np.zeros((len(texts), self.stamp.dimension), np.float32)
        hashes = [_hash(text) for text in texts]
        missing = []
        for position, key in enumerate(hashes):
            vector = known.get(key)
            if vector is None:
                missing.append(position)
            else:
                result[position] = vector
        if missing:
            result[missing] = self.embedder.encode([texts[position] for position in missing])
            journal.put([(hashes[position], result[position]) for position in missing])
        return result

    def _finish(self, built: Path, database: sqlite3.Connection, vectors: Any, report: Report) -> None:
        database.commit()
        report.articles = database.execute("SELECT count(*) FROM articles").fetchone()[0]
        report.passages = database.execute("SELECT count(*) FROM passages").fetchone()[0]
        database.close()
        try:
            faiss.write_index(vectors, str(built / VECTORS))
        except RuntimeError as error:
            raise BaowenError(f"写入向量失败 (cannot write the vectors): {error}；已发布的内容没有改变") from error
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        replace(self.stamp, articles=report.articles, passages=report.passages, created=now).write(built)
        if self.gate is not None:
            write_checksums(built)
            self.gate(LocalStore(built))
        self.folder.publish(built)
        self.folder.journal.unlink(missing_ok=True)


class _Prepared:
    """A folder with a copy of the previous snapshot, opened for writing; removed again if the build fails."""

    def __init__(self, built: Path, previous: Path | None, dimension: int) -> None:
        self.built = built
        path = built / DATABASE
        if previous is None:
            self.database = create_database(path)
            self.vectors: Any = empty_vectors(dimension)
        else:
            shutil.copyfile(previous / DATABASE, path)
            self.database = sqlite3.connect(path)
            self.vectors = faiss.read_index(str(previous / VECTORS))
        self.database.execute("PRAGMA synchronous = OFF")  # the snapshot is synced as a whole before it is published

    def __enter__(self) -> tuple[Path, sqlite3.Connection, Any]:
        return self.built, self.database, self.vectors

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.database.close()
        if kind is not None:
            shutil.rmtree(self.built, ignore_errors=True)
        if isinstance(error, sqlite3.OperationalError):
            raise BaowenError(f"写入馆藏失败 (cannot write the archive): {error}；已发布的内容没有改变") from error


def _compare(held: dict[str, tuple[str, str]], sources: Sequence[Source], gone: Sequence[str]) -> Report:
    """Count files by what became of them; ``held``: path → (hash, source key)."""
    report = Report()
    replaced = {source.key for source in sources} | set(gone)
    seen = {file.source for source in sources for file in source.files}
    report.removed = sum(key in replaced and path not in seen for path, (_, key) in held.items())
    for source in sources:
        for file in source.files:
            if file.source not in held:
                report.added += 1
            elif held[file.source][0] != file.sha256:
                report.changed += 1
            else:
                report.unchanged += 1
    return report


def _delete(database: sqlite3.Connection, vectors: Any, condition: str, value: str) -> None:
    """Delete articles with their passages from both legs."""
    articles = f"SELECT number FROM articles WHERE {condition}"
    numbers = [n for (n,) in database.execute(f"SELECT number FROM passages WHERE article IN ({articles})", (value,))]
    vectors.remove_ids(np.array(numbers, np.int64))
    database.executemany("DELETE FROM words WHERE rowid = ?", [(number,) for number in numbers])
    database.execute(f"DELETE FROM passages WHERE article IN ({articles})", (value,))
    database.execute(f"DELETE FROM articles WHERE {condition}", (value,))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
