"""The one Protocol through which an archive is read, and what is asked and returned through it."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
READ_FORMATS = (2, FORMAT)  # 2 has no lists of characters; the next build of such an archive makes them


@dataclass(frozen=True)
class Stamp:
    """What an archive was built with, and how much is in it.

    ``probes`` and ``recall``: as ``index.storage.dense.write_neighbours`` measured them for this snapshot.
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
    """Which articles to search: all that are given must hold.

    ``since`` and ``until`` are ISO dates, both included; an article without a date is in no range. ``page`` is any of
    an article's pages; ``reporter`` any of its reporters or correspondents.
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
        """The conditions other than dates, as an article's ``facets`` name them."""
        values = {"paper": self.paper, "page": self.page, "section": self.section, "reporter": self.reporter}
        return [f"{kind}={value}" for kind, value in values.items() if value is not None]

    @property
    def dates(self) -> tuple[int | None, int | None]:
        """First and last date as numbers, 20240730."""
        return (
            None if self.since is None else date_number(self.since),
            None if self.until is None else date_number(self.until),
        )


def facets(article: Article) -> list[str]:
    """What an article can be narrowed down by."""
    values = [("paper", article.paper), ("section", article.section)]
    values += [("page", str(page)) for page in article.pages]
    values += [("reporter", name) for name in dict.fromkeys((*article.reporters, *article.correspondents))]
    return [f"{kind}={value}" for kind, value in values if value]


@dataclass(frozen=True)
class Hit:
    """A passage's number and one retriever's score; higher is better."""

    number: int
    score: float


@dataclass(frozen=True)
class PassageText:
    """A passage as far as ranking looks at it."""

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
        """The passage, as it is printed in the article's body."""
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
    catalogue: Catalogue
    snapshot: str
    images: ImageStore

    @property
    def search(self) -> ArticleSearch:
        """Finds every article that a query fits."""
        ...

    def dates(self) -> tuple[str | None, str | None]:
        """The first and the last date of its articles; None where none has a date."""
        ...

    def dense(self, vectors: NDArray[np.float32], k: int, where: Filter) -> list[list[Hit]]:
        """The ``k`` passages nearest to each of the unit ``vectors`` (questions, dimension), by cosine."""
        ...

    def cosines(self, vector: NDArray[np.float32], numbers: Sequence[int]) -> list[float]:
        """Cosine of those passages with a unit ``vector`` (dimension,)."""
        ...

    def lexical(self, words: Sequence[str], k: int, where: Filter) -> list[Hit]:
        """The ``k`` passages with the best BM25 score for any of ``words``."""
        ...

    def texts(self, numbers: Sequence[int]) -> list[PassageText]:
        """Those passages' texts, in no order."""
        ...

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """Those passages, in the order asked for."""
        ...

    def documents_with(self, words: Sequence[str]) -> dict[str, int]:
        """In how many passages each word occurs."""
        ...

    def articles(self, limit: int, offset: int = 0, where: Filter | None = None) -> list[Article]:
        """Articles, newest first, then by page."""
        ...

    def nearest(self, where: Filter) -> tuple[str | None, str | None]:
        """The last date before a range and the first after it that an article has."""
        ...
