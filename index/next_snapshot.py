"""The next snapshot of an archive while it is being made."""

from __future__ import annotations

import datetime
import logging
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .article import Article, date_number
from .errors import BaowenError
from .models.embedder import Embedder
from .overlay.log import Overlay
from .overlay.places import Corrections
from .reading import Issue
from .report import Report
from .search.names import Tagger
from .sources import File
from .storage.dense import write_neighbours
from .storage.images import ImageStore
from .storage.local import DATABASE, LocalStore
from .storage.pages import forget_all
from .storage.reuse import Journal, KnownVectors, text_hash
from .storage.snapshots import ArchiveFolder, write_checksums
from .storage.store import FORMAT, Stamp, Store, facets
from .storage.writer import SnapshotWriter
from .text.passages import sentences
from .text.words import harmless, words
from .updating.changes import Intake, delete_files, keep_later
from .updating.folder_names import held_name
from .updating.ledger import Held, Problem, prepare, problems_of, record, record_problems
from .updating.leftovers import remove_leftovers
from .updating.picturing import PageImages
from .updating.plan import Plan, location
from .updating.reading import Job, Reader, passages_of, read_here
from .updating.revising import Revision, clear_revised, revisions

log = logging.getLogger(__name__)

_BATCH = 256
_AHEAD = 32  # page images still to be made when the next issue is read
_SAMPLED = 200  # number of sentences used to measure recall
_DUPLICATE = "编号重复，已跳过 (duplicate id, skipped)"
_MOST_NAMED = 20  # beyond this number, issues are counted instead of logged one by one

Gate = Callable[[Store], None]


class NextSnapshot:
    """The next snapshot in preparation: a copy of the current one that is changed and then published."""

    def __init__(
        self,
        folder: ArchiveFolder,
        stamp: Stamp,
        embedder: Embedder,
        gate: Gate | None = None,
        tagger: Tagger | None = None,
        overlay: Overlay | None = None,
    ) -> None:
        self.folder = folder
        self.gate = gate
        self.tagger = tagger
        self.stamp = stamp
        self.embedder = embedder
        self.previous = folder.current()
        self.images = True
        self.later = False
        self.reader: Reader = read_here
        self._store = ImageStore(folder.path)
        self._overlay = overlay or Overlay(folder.path)
        self._corrections = Corrections.read(self._overlay)

    def update(self, files: Sequence[File], *, keep_others: bool) -> Report:
        """Apply the difference between ``files`` and the current snapshot."""
        plan = Plan.of(files, Held.read(self.previous and self.previous / DATABASE), keep_others=keep_others)
        if not plan and self.previous is not None and self.stamp.format == FORMAT:
            done = self.correct()
            return replace(plan.report({}), articles=done.articles, passages=done.passages)
        return self.apply(plan)

    def apply(self, plan: Plan) -> Report:
        """Do what a plan says."""
        revised = self._revisions()
        with self._prepared() as writer:
            for key, paths in plan.leaving().items():
                delete_files(writer, plan, key, paths)
            revised = clear_revised(writer, revised)
            writer.keep_rows()
            for key, file in plan.unplaced():
                record(writer.database, key, file, location(file), plan.when(file))
            intake = Intake(plan)
            self._insert(writer, intake, revised)
            keep_later(writer, plan, intake)
            report = plan.report(intake.problems)
            report.warnings, report.replaced = intake.warnings, len(intake.versions.dropped)
            self._finish(writer, report)
        return report

    def migrate(self) -> Report:
        """Write the same articles in this version's format."""
        report = Report(articles=self.stamp.articles, passages=self.stamp.passages)
        if self.stamp.format != FORMAT:
            with self._prepared() as writer:
                writer.keep_rows()
                self._finish(writer, report)
        return report

    def correct(self) -> Report:
        """Apply the current text corrections to the articles."""
        report = Report(articles=self.stamp.articles, passages=self.stamp.passages)
        if revised := self._revisions():
            with self._prepared() as writer:
                revised = clear_revised(writer, revised)
                writer.keep_rows()
                self._insert(writer, Intake(Plan(Held(), [], [], set(), {})), revised)
                self._finish(writer, report, revised=self.previous)
            report.changed = len(revised)
        return report

    def _revisions(self) -> list[Revision]:
        return revisions(self.previous and self.previous / DATABASE, self._overlay, self._corrections)

    def remove(self, ids: Sequence[str]) -> Report:
        """Remove articles by id; the file in an id may be given by any path that leads to it."""
        report = Report()
        held = Held.read(self.previous and self.previous / DATABASE)
        with self._prepared() as writer:
            for identity in ids:
                found, key = _find(writer.database, identity, held)
                writer.delete("id = ?", found)
                writer.database.execute("UPDATE sources SET hash = 'changed' WHERE key = ?", (key,))
                report.removed += 1
            writer.keep_rows()
            self._finish(writer, report)
        return report

    def _prepared(self) -> SnapshotWriter:
        writer = SnapshotWriter(self.folder.begin(), self.previous, self.stamp.dimension, self.tagger)
        prepare(writer.database)
        return writer

    def _insert(self, writer: SnapshotWriter, intake: Intake, revised: Sequence[Revision]) -> None:
        stale = intake.plan.stale
        with (
            closing(Journal(self.folder.journal, self.stamp.embedder)) as journal,
            closing(KnownVectors(self.previous, journal, self.stamp.dimension)) as known,
            closing(self.reader(stale, Job(self.stamp, journal, known, self.folder.recognised, self.later))) as issues,
            PageImages(self._store) as page_images,
        ):
            again = (self._insert_passages(writer, revision.after, revision.number) for revision in revised)
            texts = ((text, 0) for article in again for text in article)
            pending = chain(texts, self._pending(writer, intake, issues, page_images))
            total = sum(len(source.files) for source in stale)
            with tqdm(total=total, unit="文件", desc="读报并计算向量", disable=None) as bar:
                while batch := list(islice(pending, _BATCH)):
                    writer.rows.append(self._vectors([text for text, _ in batch], known, journal))
                    bar.update(sum(files for _, files in batch))
                page_images.record(writer.database)
                bar.update(total - bar.n)

    def _pending(
        self, writer: SnapshotWriter, intake: Intake, issues: Iterator[Issue], page_images: PageImages
    ) -> Iterator[tuple[str, int]]:
        """Insert articles and their passages; yield each passage's embedded text and the number of files finished."""
        finished = 0
        level = logging.INFO if len(intake.plan.stale) <= _MOST_NAMED else logging.DEBUG
        for source, issue in zip(intake.plan.stale, issues, strict=True):
            problems = problems_of(source, issue)
            intake.warnings.extend(harmless(warning) for warning in issue.warnings)
            read = "waiting" if issue.waiting else source.hash
            writer.database.execute("INSERT INTO sources VALUES (?, ?)", (source.key, read))
            finished += len(source.files)
            log.log(level, "读入 (read) %s：%d 篇", harmless(source.key), len(issue.articles))
            numbered = []
            for article in map(self._corrections.apply, issue.articles):
                number = intake.insert(writer.database, article, source)
                if number is None:
                    problems.append(Problem(harmless(f"{article.source}: {_DUPLICATE}: {article.id}")))
                if number:
                    numbered.append((number, article))
            if self.images:
                page_images.make(source, numbered)
            for number, article in numbered:
                for text in self._insert_passages(writer, article, number):
                    yield text, finished
                    finished = 0
            page_images.record(writer.database, _AHEAD)
            intake.problems[source.key] = problems
            record_problems(writer.database, source.key, problems)

    def _insert_passages(self, writer: SnapshotWriter, article: Article, number: int) -> Iterator[str]:
        named = facets(article)
        writer.database.executemany("INSERT INTO facets VALUES (?, ?)", [(facet, number) for facet in named])
        heading = words(article.heading)
        for span, embedded in passages_of(article, self.stamp):
            passage = writer.database.execute(
                "INSERT INTO passages (article, start, end, embedded) VALUES (?, ?, ?, ?)",
                (number, span.start, span.end, text_hash(embedded)),
            )
            text = words(article.body[span.start : span.end])
            writer.words.add(passage.lastrowid or 0, heading, text, date_number(article.date), named)
            yield embedded

    def _vectors(self, texts: Sequence[str], known: KnownVectors, journal: Journal) -> NDArray[np.float32]:
        result = np.zeros((len(texts), self.stamp.dimension), np.float32)
        hashes = [text_hash(text) for text in texts]
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
        """Sentences of the archive, embedded as questions to measure recall: (questions, dimension)."""
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            numbers = [n for (n,) in database.execute("SELECT number FROM articles")]
            chosen = random.Random(0).sample(numbers, min(_SAMPLED, len(numbers)))
            marks = ",".join("?" * len(chosen))
            bodies = database.execute(f"SELECT body FROM articles WHERE number IN ({marks})", chosen).fetchall()
        spans = [(body, sentences(body)) for (body,) in bodies]
        texts = [body[found[len(found) // 2].start : found[len(found) // 2].end] for body, found in spans if found]
        return self.embedder.encode(texts, query=True)

    def _finish(self, writer: SnapshotWriter, report: Report, *, revised: Path | None = None) -> None:
        if not self.images:
            forget_all(writer.database)
        report.articles, report.passages = writer.close()
        probes, recall = write_neighbours(
            writer.folder, self.stamp.dimension, self.previous, partial(self._sample_questions, writer.folder)
        )
        replace(
            self.stamp,
            format=FORMAT,
            articles=report.articles,
            passages=report.passages,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            probes=probes,
            recall=recall,
        ).write(writer.folder)
        if self.gate is not None:
            write_checksums(writer.folder)
            self.gate(LocalStore(writer.folder))
        self.folder.publish(writer.folder, revised)
        self.folder.journal.unlink(missing_ok=True)
        remove_leftovers(self.folder)


def _find(database: sqlite3.Connection, identity: str, held: Held) -> tuple[str, str]:
    """An article's id in the archive and the key of its issue."""
    query = "SELECT id, source_key FROM articles WHERE id = ?"
    row: tuple[str, str] | None = database.execute(query, (identity,)).fetchone()
    path, _, ordinal = identity.rpartition("#")
    if row is None and path and (name := held_name(path, held.folders)):
        row = database.execute(query, (f"{name}#{ordinal}",)).fetchone()
    if row is not None:
        return row
    raise BaowenError(f"馆藏里没有文章 {identity!r} (no such article); 可用 baowen search 查看编号")
