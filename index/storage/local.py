"""The local store: SQLite for articles and passages, tantivy for words, FAISS for vectors."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Span, load_article
from index.errors import BaowenError
from index.search.searching import ArticleSearch
from index.search.texts import Texts

from .catalogue import Catalogue
from .dense import DenseIndex
from .images import ImageStore
from .lexical import LexicalIndex
from .snapshots import check_files, damaged, hold
from .store import FORMAT, READ_FORMATS, Filter, PassageHit, PassageText, Stamp, StoredPassage

DATABASE = "archive.sqlite"

_SCHEMA = """
CREATE TABLE sources (key TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, source TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source_key TEXT NOT NULL, date TEXT, paper TEXT NOT NULL,
    page INTEGER, heading TEXT NOT NULL, fields TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX articles_source ON articles (source_key);
CREATE INDEX articles_date ON articles (date, page);
CREATE TABLE facets (
    facet TEXT NOT NULL, article INTEGER NOT NULL, PRIMARY KEY (facet, article)
) WITHOUT ROWID;
CREATE INDEX facets_article ON facets (article);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES articles (number),
    start INTEGER NOT NULL, end INTEGER NOT NULL, embedded BLOB NOT NULL
);
CREATE INDEX passages_article ON passages (article);
CREATE INDEX passages_embedded ON passages (embedded);
"""


class LocalStore:
    """A published snapshot, opened read-only."""

    def __init__(self, folder: Path, *, whole: bool | None = None) -> None:
        """Open a snapshot.

        Args:
            folder: the snapshot's folder.
            whole: read its files completely and compare them with their checksums; None: only if that is quick.

        Raises:
            OSError: it is gone, removed after a newer one was published.
            DamagedSnapshotError: one of its files has changed.
            BaowenError: it has another format.
        """
        self.folder = folder
        self.snapshot = folder.name
        self.images = ImageStore(folder.parent.parent)
        self._held = hold(folder)
        check_files(folder, whole=whole)
        self.stamp = Stamp.read(folder)
        if self.stamp.format not in READ_FORMATS:
            raise BaowenError(
                f"{folder} 的格式是 {self.stamp.format}，本版本读 {FORMAT} (archive format); 请用 baowen build 重建"
            )
        try:
            uri = f"{(folder / DATABASE).resolve().as_uri()}?mode=ro&immutable=1"
            self.database = sqlite3.connect(uri, uri=True, check_same_thread=False)
            weakref.finalize(self, self.database.close)  # its statement cache's reference cycle would keep it open
            self.catalogue = Catalogue(self.database)
            self.vectors = DenseIndex(folder, self.stamp.dimension, self.stamp.probes)
            self.words = LexicalIndex(folder)
            texts = Texts(folder) if self.stamp.format == FORMAT else None
            count = self.database.execute("SELECT count(*) FROM passages").fetchone()[0]
        except (sqlite3.Error, RuntimeError, ValueError) as error:
            raise damaged(folder, str(error)) from error
        if not count == len(self.vectors) == len(self.words) == self.stamp.passages:
            raise damaged(folder, f"{count} passages, {len(self.vectors)} vectors, {len(self.words)} in words")
        if texts is not None and len(texts) != self.stamp.articles:
            raise damaged(folder, f"{self.stamp.articles} articles, {len(texts)} in texts")
        self._search = ArticleSearch(texts, self.database) if texts is not None else None
        self._last: tuple[Filter, NDArray[np.bool_]] | None = None

    @property
    def search(self) -> ArticleSearch:
        """The search that finds every article matching a query.

        Raises:
            BaowenError: the archive was built by an earlier version.
        """
        if self._search is None:
            raise BaowenError(
                f"馆藏 {self.folder} 是旧版本建的，还不能检索全部 (built by an earlier version)；"
                "请再运行一次 baowen build 报纸文件夹（不必重新计算向量），或 baowen migrate"
            )
        return self._search

    def dates(self) -> tuple[str | None, str | None]:
        """The first and last date of its articles; None if no article has a date."""
        ends = (f"SELECT {end}(date) FROM articles" for end in ("min", "max"))  # a query with both would skip the index
        first, last = (self.database.execute(query).fetchone()[0] for query in ends)
        return first, last

    def dense(
        self, vectors: NDArray[np.float32], k: int, where: Filter, among: Collection[int] | None = None
    ) -> list[list[PassageHit]]:
        """The ``k`` passages nearest to each of the unit ``vectors`` (questions, dimension), by cosine."""
        allowed = self._allowed(where) if where else None
        if among is not None:
            allowed = self._of(among) if allowed is None else allowed & self._of(among)
        found = self.vectors.search(vectors, k, allowed)
        return [[PassageHit(number, score) for number, score in hits] for hits in found]

    def cosines(self, vector: NDArray[np.float32], numbers: Sequence[int]) -> list[float]:
        """Cosines of the given passages with a unit ``vector`` (dimension,)."""
        return [float(score) for score in self.vectors.cosines(vector, np.array(numbers, np.int64))]

    def lexical(
        self, words: Sequence[str], k: int, where: Filter, among: Collection[int] | None = None
    ) -> list[PassageHit]:
        """The ``k`` passages with the best BM25 score for any of ``words``."""
        numbers = None if among is None else self.vectors.table["number"][self._of(among)].tolist()
        found = self.words.search(words, k, where.dates, where.facets, numbers)
        return [PassageHit(number, score) for number, score in found]

    def texts(self, numbers: Sequence[int]) -> list[PassageText]:
        """The texts of the given passages, in any order."""
        rows = self.database.execute(
            "SELECT p.number, a.id, a.heading, substr(a.body, p.start + 1, p.end - p.start) FROM passages p "
            f"JOIN articles a ON a.number = p.article WHERE p.number IN ({','.join('?' * len(numbers))})",
            list(numbers),
        )
        return [PassageText(*row) for row in rows]

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The given passages, in the given order."""
        marks = ",".join("?" * len(numbers))
        rows = self.database.execute(
            "SELECT p.number, p.start, p.end, a.id, a.fields, a.body FROM passages p "
            f"JOIN articles a ON a.number = p.article WHERE p.number IN ({marks})",
            list(numbers),
        )
        found = {
            number: StoredPassage(number, Span(start, end), load_article(identity, fields, body))
            for number, start, end, identity, fields, body in rows
        }
        return [found[number] for number in numbers]

    def documents_with(self, words: Sequence[str]) -> dict[str, int]:
        """The number of passages in which each word occurs."""
        return {word: self.words.count(word) for word in words}

    def articles(self, limit: int, offset: int = 0, where: Filter | None = None) -> list[Article]:
        """Articles, newest first, then by page."""
        where = where or Filter()
        conditions = ["1"] + ["number IN (SELECT article FROM facets WHERE facet = ?)"] * len(where.facets)
        values: list[str | int] = [*where.facets]
        for bound, value in ((">=", where.since), ("<=", where.until)):
            if value is not None:
                conditions.append(f"date {bound} ?")
                values.append(value)
        rows = self.database.execute(
            f"SELECT id, fields, body FROM articles WHERE {' AND '.join(conditions)} "
            "ORDER BY date DESC, page, number LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [load_article(*row) for row in rows]

    def nearest(self, where: Filter) -> tuple[str | None, str | None]:
        """The last article date before a range and the first one after it."""
        before = self.database.execute("SELECT max(date) FROM articles WHERE date < ?", (where.since or "",))
        after = self.database.execute("SELECT min(date) FROM articles WHERE date > ?", (where.until or "9999",))
        return before.fetchone()[0], after.fetchone()[0]

    def _allowed(self, where: Filter) -> NDArray[np.bool_]:
        """One flag per row of the vectors; the last result is cached, since readers filter once and ask often."""
        if self._last is not None and self._last[0] == where:
            return self._last[1]
        table = self.vectors.table
        allowed = np.ones(len(table), np.bool_)
        first, last = where.dates
        if first is not None or last is not None:
            allowed &= table["date"] >= (first or 1)
        if last is not None:
            allowed &= table["date"] <= last
        for facet in where.facets:
            rows = self.database.execute("SELECT article FROM facets WHERE facet = ?", (facet,))
            allowed &= np.isin(table["article"], np.fromiter((row[0] for row in rows), np.int64))
        self._last = (where, allowed)
        return allowed

    def _of(self, articles: Collection[int]) -> NDArray[np.bool_]:
        """One flag per row of the vectors: whether its article is one of these."""
        return np.isin(self.vectors.table["article"], np.fromiter(articles, np.int64, len(articles)))


def create_database(path: Path) -> sqlite3.Connection:
    """An empty archive database."""
    database = sqlite3.connect(path)
    database.executescript(_SCHEMA)
    return database
