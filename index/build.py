"""Bring an archive up to date with newspaper files, and publish the result."""

from __future__ import annotations

import datetime
import hashlib
import logging
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .article import Article, Span
from .catalogue import dump_article
from .config import PassageSettings
from .embedder import Embedder
from .errors import BaowenError
from .lexical import LexicalWriter
from .passages import cut, sentences
from .reading import read_issue
from .reuse import Journal, KnownVectors
from .snapshots import ArchiveFolder, write_checksums
from .sources import Source, find_sources
from .store import (
    DATABASE,
    FORMAT,
    LocalStore,
    Stamp,
    Store,
    create_database,
    date_number,
    embedded_text,
    facets,
)
from .vectors import TABLE, TABLE_TYPE, RowWriter, write_neighbours
from .words import words

log = logging.getLogger(__name__)

_BATCH = 256
_SAMPLED = 200  # sentences asked to measure recall
_CACHE_KIB = 8 << 10
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
        with self._prepared() as draft:
            for key in [*gone, *(key for key in stale if key in held)]:
                draft.delete("source_key = ?", key)
                draft.database.execute("DELETE FROM sources WHERE key = ?", (key,))
                draft.database.execute("DELETE FROM files WHERE source = ?", (key,))
            draft.keep_rows()
            self._insert(draft, [wanted[key] for key in stale], report)
            self._finish(draft, report)
        return report

    def remove(self, ids: Sequence[str]) -> Report:
        """Remove articles by id."""
        report = Report()
        with self._prepared() as draft:
            for identity in ids:
                query = "SELECT source_key FROM articles WHERE id = ?"
                row = draft.database.execute(query, (identity,)).fetchone()
                if row is None:
                    raise BaowenError(f"馆藏里没有文章 {identity!r} (no such article); 可用 baowen search 查看编号")
                draft.delete("id = ?", identity)
                draft.database.execute("UPDATE sources SET hash = 'changed' WHERE key = ?", row)
                report.removed += 1
            draft.keep_rows()
            self._finish(draft, report)
        return report

    def _held(self) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
        if self.previous is None:
            return {}, {}
        with closing(sqlite3.connect(self.previous / DATABASE)) as database:
            hashes = dict(database.execute("SELECT key, hash FROM sources"))
            files = database.execute("SELECT path, sha256, source FROM files")
            return hashes, {path: (digest, key) for path, digest, key in files}

    def _prepared(self) -> _Draft:
        return _Draft(self.folder.begin(), self.previous, self.stamp.dimension)

    def _insert(self, draft: _Draft, sources: Sequence[Source], report: Report) -> None:
        with (
            closing(Journal(self.folder.journal, self.stamp.embedder)) as journal,
            closing(KnownVectors(self.previous, journal, self.stamp.dimension)) as known,
        ):
            pending = self._pending(draft, sources, report)
            total = sum(len(source.files) for source in sources)
            with tqdm(total=total, unit="文件", desc="读报并计算向量", disable=None) as bar:
                while batch := list(islice(pending, _BATCH)):
                    draft.rows.append(self._vectors([text for text, _ in batch], known, journal))
                    bar.update(sum(files for _, files in batch))
                bar.update(total - bar.n)

    def _pending(self, draft: _Draft, sources: Sequence[Source], report: Report) -> Iterator[tuple[str, int]]:
        """Insert articles and their passages; yield each passage's embedded text, and files finished."""
        database = draft.database
        finished = 0
        level = logging.INFO if len(sources) <= _MOST_NAMED else logging.DEBUG
        for source in sources:
            issue = read_issue((file.path, file.source) for file in source.files)
            report.problems.extend(issue.failed)
            report.warnings.extend(issue.warnings)
            database.execute("INSERT INTO sources VALUES (?, ?)", (source.key, source.hash))
            database.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?)",
                [(file.source, file.digest.hex(), source.key) for file in source.files],
            )
            finished += len(source.files)
            log.log(level, "读入 (read) %s：%d 篇", source.key, len(issue.articles))
            for article in issue.articles:
                for text in self._insert_article(draft, article, source.key, report):
                    yield text, finished
                    finished = 0

    def _insert_article(self, draft: _Draft, article: Article, key: str, report: Report) -> Iterator[str]:
        database = draft.database
        try:
            row = database.execute(
                "INSERT INTO articles (id, source_key, date, paper, page, heading, fields, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    article.id,
                    key,
                    article.date,
                    article.paper,
                    article.page,
                    article.heading,
                    dump_article(article),
                    article.body,
                ),
            )
        except sqlite3.IntegrityError:
            report.problems.append(f"{article.source}: 编号重复，已跳过 (duplicate id, skipped): {article.id}")
            return
        named = facets(article)
        database.executemany("INSERT INTO facets VALUES (?, ?)", [(facet, row.lastrowid) for facet in named])
        heading = words(article.heading)
        spans = cut(article.body, self.stamp.passage_length, self.stamp.longest_sentence) or [Span(0, 0)]
        for span in spans:
            embedded = embedded_text(article, span)
            passage = database.execute(
                "INSERT INTO passages (article, start, end, embedded) VALUES (?, ?, ?, ?)",
                (row.lastrowid, span.start, span.end, _hash(embedded)),
            )
            text = words(article.body[span.start : span.end])
            draft.words.add(passage.lastrowid or 0, heading, text, date_number(article.date), named)
            yield embedded

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

    def _sample_questions(self, folder: Path) -> NDArray[np.float32]:
        """Sentences of the archive embedded as questions are, to measure recall with: (questions, dimension)."""
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            numbers = [n for (n,) in database.execute("SELECT number FROM articles")]
            chosen = random.Random(0).sample(numbers, min(_SAMPLED, len(numbers)))
            marks = ",".join("?" * len(chosen))
            bodies = database.execute(f"SELECT body FROM articles WHERE number IN ({marks})", chosen).fetchall()
        spans = [(body, sentences(body)) for (body,) in bodies]
        texts = [body[found[len(found) // 2].start : found[len(found) // 2].end] for body, found in spans if found]
        return self.embedder.encode(texts, query=True)

    def _finish(self, draft: _Draft, report: Report) -> None:
        report.articles, report.passages = draft.close()
        probes, recall = write_neighbours(
            draft.folder, self.stamp.dimension, self.previous, partial(self._sample_questions, draft.folder)
        )
        replace(
            self.stamp,
            articles=report.articles,
            passages=report.passages,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            probes=probes,
            recall=recall,
        ).write(draft.folder)
        if self.gate is not None:
            write_checksums(draft.folder)
            self.gate(LocalStore(draft.folder))
        self.folder.publish(draft.folder)
        self.folder.journal.unlink(missing_ok=True)


class _Draft:
    """The files of the next snapshot, opened for writing; the folder is removed again if the build fails.

    They begin as a copy of the previous snapshot's. Articles are deleted first; then ``keep_rows``; then new ones are
    added, so that the rows of vectors stay in the order of the passages' numbers.
    """

    def __init__(self, folder: Path, previous: Path | None, dimension: int) -> None:
        self.folder = folder
        self._previous = previous
        path = folder / DATABASE
        if previous is None:
            self.database = create_database(path)
        else:
            shutil.copyfile(previous / DATABASE, path)
            self.database = sqlite3.connect(path)
        self.database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")  # its indexes are filled in no order
        self.database.execute("PRAGMA synchronous = OFF")  # the snapshot is synced as a whole before it is published
        self.words = LexicalWriter(folder, previous)
        self.rows = RowWriter(folder, dimension)

    def __enter__(self) -> _Draft:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.database.close()
        self.rows.close()
        if kind is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        if isinstance(error, sqlite3.OperationalError):
            raise BaowenError(f"写入馆藏失败 (cannot write the archive): {error}；已发布的内容没有改变") from error

    def delete(self, condition: str, value: str) -> None:
        """Delete articles with their passages."""
        articles = f"SELECT number FROM articles WHERE {condition}"
        query = f"SELECT number FROM passages WHERE article IN ({articles})"
        self.words.remove([number for (number,) in self.database.execute(query, (value,))])
        self.database.execute(f"DELETE FROM facets WHERE article IN ({articles})", (value,))
        self.database.execute(f"DELETE FROM passages WHERE article IN ({articles})", (value,))
        self.database.execute(f"DELETE FROM articles WHERE {condition}", (value,))

    def keep_rows(self) -> None:
        """Take over the vectors of the passages that were not deleted."""
        if self._previous is not None:
            numbers = self.database.execute("SELECT number FROM passages ORDER BY number")
            self.rows.copy(self._previous, np.fromiter((number for (number,) in numbers), np.int64))

    def close(self) -> tuple[int, int]:
        """Finish the files; how many articles and passages there are."""
        self.database.commit()
        query = (
            "SELECT p.number, p.article, CAST(replace(coalesce(a.date, '0'), '-', '') AS INTEGER) "
            "FROM passages p JOIN articles a ON a.number = p.article ORDER BY p.number"
        )
        table = np.fromiter(self.database.execute(query), TABLE_TYPE)
        np.save(self.folder / TABLE, table)
        articles = self.database.execute("SELECT count(*) FROM articles").fetchone()[0]
        self.database.close()
        self.words.close()
        self.rows.close()
        return articles, len(table)


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
            elif held[file.source][0] != file.digest.hex():
                report.changed += 1
            else:
                report.unchanged += 1
    return report


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
