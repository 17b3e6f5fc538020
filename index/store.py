"""Where articles, passages and vectors are kept, and the one Protocol through which they are read."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from .article import Article, Span
from .errors import BaowenError
from .snapshots import STAMP, check_files, damaged, hold

FORMAT = 1
DATABASE, VECTORS = "archive.sqlite", "vectors.faiss"

# Weight of a word in the heading (kicker, headline, subtitle) against one in the passage's text.
_HEADING_WEIGHT = 1.0

_SCHEMA = """
CREATE TABLE sources (key TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, source TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source_key TEXT NOT NULL, date TEXT, paper TEXT NOT NULL,
    page INTEGER, title TEXT NOT NULL, fields TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX articles_source ON articles (source_key);
CREATE INDEX articles_date ON articles (date, page);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES articles (number),
    start INTEGER NOT NULL, end INTEGER NOT NULL, embedded TEXT NOT NULL
);
CREATE INDEX passages_article ON passages (article);
CREATE INDEX passages_embedded ON passages (embedded);
CREATE VIRTUAL TABLE words USING fts5 (heading, text, tokenize = "unicode61 remove_diacritics 0 tokenchars '%_'");
"""


@dataclass(frozen=True)
class Stamp:
    """What an archive was built with, and how much is in it."""

    format: int
    embedder: str
    dimension: int
    passage_length: int
    longest_sentence: int
    articles: int = 0
    passages: int = 0
    created: str = ""

    def write(self, folder: Path) -> None:
        """Write it into a snapshot's folder."""
        (folder / STAMP).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Stamp:
        """Read it back.

        Raises:
            BaowenError: there is none, or it is of another format.
        """
        try:
            return cls(**json.loads((folder / STAMP).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise damaged(folder, f"{STAMP}: {error}") from error


@dataclass(frozen=True)
class Filter:
    """Which articles to search: dates as ISO, both ends included; None leaves an end open."""

    since: str | None = None
    until: str | None = None

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None


@dataclass(frozen=True)
class Hit:
    """A passage's number and its score in one leg; higher is better."""

    number: int
    score: float


@dataclass(frozen=True)
class StoredPassage:
    """A passage with the article it was cut from."""

    number: int
    span: Span
    article: Article

    @property
    def text(self) -> str:
        """The passage, as it stands in the article's body."""
        return self.article.body[self.span.start : self.span.end]

    @property
    def embedded(self) -> str:
        """What its vector was computed from."""
        return embedded_text(self.article, self.span)


def embedded_text(article: Article, span: Span) -> str:
    """What a passage is embedded as: its article's heading, then its text."""
    text = article.body[span.start : span.end]
    return f"{article.heading}\n{text}" if article.heading else text


class Store(Protocol):
    """What retrieval needs of an archive. Nothing above it knows what it is made of."""

    stamp: Stamp

    def dense(self, vector: NDArray[np.float32], k: int, where: Filter) -> list[Hit]:
        """The ``k`` passages nearest to a unit ``vector`` (dimension,), by cosine."""
        ...

    def lexical(self, words: Sequence[str], k: int, where: Filter) -> list[Hit]:
        """The ``k`` passages with the best BM25 score for any of ``words``."""
        ...

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """Those passages, in the order asked for."""
        ...

    def documents_with(self, words: Sequence[str]) -> dict[str, int]:
        """In how many passages each word occurs."""
        ...

    def articles(self, limit: int, offset: int = 0) -> list[Article]:
        """Articles, newest first, then by page."""
        ...


class LocalStore:
    """SQLite for articles, passages and the lexical leg, FAISS for the vectors; opened read-only."""

    def __init__(self, folder: Path) -> None:
        """Open a snapshot.

        Raises:
            OSError: it is gone, removed after a newer one was published.
            DamagedSnapshotError: a file of it is not as it was written.
            BaowenError: it is of another format.
        """
        self.folder = folder
        self._held = hold(folder)
        check_files(folder)
        self.stamp = Stamp.read(folder)
        if self.stamp.format != FORMAT:
            raise BaowenError(
                f"{folder} 的格式是 {self.stamp.format}，本版本读 {FORMAT} (archive format); 请用 baowen build 重建"
            )
        try:
            uri = f"{(folder / DATABASE).resolve().as_uri()}?mode=ro&immutable=1"
            self.database = sqlite3.connect(uri, uri=True, check_same_thread=False)
            weakref.finalize(self, self.database.close)  # its statement cache makes a cycle that would keep it open
            self.vectors: Any = faiss.read_index(str(folder / VECTORS))
            count = self.database.execute("SELECT count(*) FROM passages").fetchone()[0]
        except (sqlite3.Error, RuntimeError) as error:
            raise damaged(folder, str(error)) from error
        if not count == self.vectors.ntotal == self.stamp.passages:
            raise damaged(folder, f"{count} passages, {self.vectors.ntotal} vectors, {self.stamp.passages} stamped")

    def dense(self, vector: NDArray[np.float32], k: int, where: Filter) -> list[Hit]:
        """The ``k`` passages nearest to a unit ``vector`` (dimension,), by cosine."""
        k = min(k, self.vectors.ntotal)
        if k == 0:
            return []
        parameters = None
        if where:
            allowed = np.fromiter(self._numbers(where), np.int64)
            k = min(k, len(allowed))
            if k == 0:
                return []
            parameters = _search_parameters(faiss.IDSelectorBatch(allowed))
        scores, numbers = self.vectors.search(vector.reshape(1, -1), k, params=parameters)
        return [Hit(int(n), float(s)) for n, s in zip(numbers[0], scores[0], strict=True) if n >= 0]

    def lexical(self, words: Sequence[str], k: int, where: Filter) -> list[Hit]:
        """The ``k`` passages with the best BM25 score for any of ``words``."""
        if not words:
            return []
        condition, values = _date_condition(where)
        join = "JOIN passages p ON p.number = words.rowid JOIN articles a ON a.number = p.article" if where else ""
        rows = self.database.execute(
            f"SELECT words.rowid, -bm25(words, {_HEADING_WEIGHT}, 1.0) AS score FROM words {join} "
            f"WHERE words MATCH ?{condition} ORDER BY score DESC, words.rowid LIMIT ?",
            (_match_any(words), *values, k),
        )
        return [Hit(number, score) for number, score in rows]

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """Those passages, in the order asked for."""
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
        """In how many passages each word occurs."""
        query = "SELECT count(*) FROM words WHERE words MATCH ?"
        return {word: self.database.execute(query, (_match_any([word]),)).fetchone()[0] for word in words}

    def articles(self, limit: int, offset: int = 0) -> list[Article]:
        """Articles, newest first, then by page."""
        rows = self.database.execute(
            "SELECT id, fields, body FROM articles ORDER BY date DESC, page, number LIMIT ? OFFSET ?", (limit, offset)
        )
        return [load_article(*row) for row in rows]

    def _numbers(self, where: Filter) -> Iterable[int]:
        condition, values = _date_condition(where)
        query = "SELECT p.number FROM passages p JOIN articles a ON a.number = p.article WHERE 1" + condition
        return (row[0] for row in self.database.execute(query, values))


def dump_article(article: Article) -> str:
    """The article's fields as JSON, without its id and body, which have columns of their own."""
    fields = article.as_dict()
    for name in ("id", "body", "page"):
        del fields[name]
    return json.dumps(fields, ensure_ascii=False)


def load_article(identity: str, fields: str, body: str) -> Article:
    """An article as it was stored."""
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in json.loads(fields).items()}
    values["origins"] = tuple(values["origins"].items())
    return Article(id=identity, body=body, **values)


def create_database(path: Path) -> sqlite3.Connection:
    """An empty archive database."""
    database = sqlite3.connect(path)
    database.executescript(_SCHEMA)
    return database


def empty_vectors(dimension: int) -> Any:
    """An empty exact inner-product index that takes the passages' numbers as ids."""
    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))


def _search_parameters(selector: Any) -> Any:
    parameters = faiss.SearchParameters()
    parameters.sel = selector
    return parameters


def _date_condition(where: Filter) -> tuple[str, list[str]]:
    bounds = [(" AND a.date >= ?", where.since), (" AND a.date <= ?", where.until)]
    used = [(text, value) for text, value in bounds if value is not None]
    return "".join(text for text, _ in used), [value for _, value in used]


def _match_any(words: Sequence[str]) -> str:
    """An FTS5 query; each word is a quoted string, so that nothing in it is an operator."""
    return " OR ".join('"' + word.replace('"', '""') + '"' for word in words)
