"""The Protocol through which an archive is read, and the types of its arguments and results."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Span, date_number
from index.search.searching import ArticleSearch

from .catalogue import Catalogue
from .images import ImageStore
from .snapshots import STAMP, damaged

FORMAT = 3
READ_FORMATS = (2, FORMAT)  # 2 has no character lists; the next build of such an archive adds them


@dataclass(frozen=True)
class Stamp:
    """The settings an archive was built with, and its size.

    ``probes`` and ``recall`` are the values that ``index.storage.dense.write_neighbours`` measured for this snapshot.
    """

    format: int
    embedder: str
    dimension: int
    passage_length: int
    longest_sentence: int
    articles: int = 0
    passages: int = 0
    created: str = ""
    probes: int = 0
    recall: float = 1.0

    def write(self, folder: Path) -> None:
        """Write the stamp into a snapshot's folder."""
        (folder / STAMP).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Stamp:
        """Read the stamp from a snapshot's folder.

        Raises:
            BaowenError: it is missing or has another format.
        """
        try:
            return cls(**json.loads((folder / STAMP).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise damaged(folder, f"{STAMP}: {error}") from error


@dataclass(frozen=True)
class Filter:
    """Which articles to search; all given conditions must hold.

    ``since`` and ``until`` are ISO dates, inclusive; an undated article is in no range. ``page`` may be any of an
    article's pages, ``reporter`` any of its reporters or correspondents.
    """

    since: str | None = None
    until: str | None = None
    paper: str | None = None
    page: int | None = None
    section: str | None = None
    reporter: str | None = None

    def __bool__(self) -> bool:
        return self != Filter()

    @property
    def facets(self) -> list[str]:
        """The conditions other than dates, in the form of an article's ``facets``."""
        values = {"paper": self.paper, "page": self.page, "section": self.section, "reporter": self.reporter}
        return [f"{kind}={value}" for kind, value in values.items() if value is not None]

    @property
    def dates(self) -> tuple[int | None, int | None]:
        """First and last date as numbers, e.g. 20240730."""
        return (
            None if self.since is None else date_number(self.since),
            None if self.until is None else date_number(self.until),
        )


def facets(article: Article) -> list[str]:
    """The conditions by which an article can be filtered."""
    values = [("paper", article.paper), ("section", article.section)]
    values += [("page", str(page)) for page in article.pages]
    values += [("reporter", name) for name in dict.fromkeys((*article.reporters, *article.correspondents))]
    return [f"{kind}={value}" for kind, value in values if value]


@dataclass(frozen=True)
class PassageHit:
    """A passage's number and its score from one retriever; higher is better."""

    number: int
    score: float


@dataclass(frozen=True)
class PassageText:
    """The parts of a passage that ranking uses."""

    number: int
    article_id: str
    heading: str
    text: str


@dataclass(frozen=True)
class StoredPassage:
    """A passage with the article it was cut from."""

    number: int
    span: Span
    article: Article

    @property
    def text(self) -> str:
        """The passage's text in the article's body."""
        return self.article.body[self.span.start : self.span.end]

    @property
    def embedded(self) -> str:
        """The text from which its vector was computed."""
        return embedded_text(self.article, self.span)


def embedded_text(article: Article, span: Span) -> str:
    """The text embedded for a passage: its article's heading, then its own text."""
    text = article.body[span.start : span.end]
    return f"{article.heading}\n{text}" if article.heading else text


class Store(Protocol):
    """What retrieval needs from an archive. Code above it does not depend on the implementation."""

    stamp: Stamp
    catalogue: Catalogue
    snapshot: str
    images: ImageStore

    @property
    def search(self) -> ArticleSearch:
        """The search that finds every article matching a query."""
        ...

    def dates(self) -> tuple[str | None, str | None]:
        """The first and last date of its articles; None if no article has a date."""
        ...

    def dense(
        self, vectors: NDArray[np.float32], k: int, where: Filter, among: Collection[int] | None = None
    ) -> list[list[PassageHit]]:
        """The ``k`` passages nearest to each of the unit ``vectors`` (questions, dimension), by cosine.

        ``among``: the numbers of the articles to search, here and in ``lexical``; None: all.
        """
        ...

    def cosines(self, vector: NDArray[np.float32], numbers: Sequence[int]) -> list[float]:
        """Cosines of the given passages with a unit ``vector`` (dimension,)."""
        ...

    def lexical(
        self, words: Sequence[str], k: int, where: Filter, among: Collection[int] | None = None
    ) -> list[PassageHit]:
        """The ``k`` passages with the best BM25 score for any of ``words``."""
        ...

    def texts(self, numbers: Sequence[int]) -> list[PassageText]:
        """The texts of the given passages, in any order."""
        ...

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The given passages, in the given order."""
        ...

    def documents_with(self, words: Sequence[str]) -> dict[str, int]:
        """The number of passages in which each word occurs."""
        ...

    def articles(self, limit: int, offset: int = 0, where: Filter | None = None) -> list[Article]:
        """Articles, newest first, then by page."""
        ...

    def nearest(self, where: Filter) -> tuple[str | None, str | None]:
        """The last article date before a range and the first one after it."""
        ...
