"""Finds every article that a query fits, in one state of an archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

from index.article import Article
from index.catalogue import load_article
from index.text.folding import fold

from .compiler import Compiler, Folded
from .expression import And, Expression
from .texts import Texts, headings

Sort = Literal["relevance", "newest", "oldest"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest")
_REMEMBERED = 64  # queries compiled, for the pages of their hits


class ArticleSearch:
    """Asks the lists of characters of one snapshot.

    ``visible`` says, everywhere, which articles whoever asks may see; None: all. It is part of the query, so that
    neither hits nor counts know of others.
    """

    def __init__(self, texts: Texts, database: sqlite3.Connection) -> None:
        self._texts = texts
        self._database = database
        self._compiler = Compiler(texts, self._folded)
        self._query = lru_cache(maxsize=_REMEMBERED)(self._compiled)

    def count(self, expression: Expression, visible: Expression | None = None) -> int:
        """How many articles fit."""
        return self._texts.count(self._query(expression, visible))

    def numbers(
        self, expression: Expression, sort: Sort, limit: int, offset: int = 0, visible: Expression | None = None
    ) -> list[int]:
        """The numbers of the articles that fit, in order; those of one date by page."""
        if limit < 1:
            return []
        order = None if sort == "relevance" else sort
        return self._texts.numbers(self._query(expression, visible), limit, offset, order)

    def facets(
        self, expression: Expression, names: Sequence[str], most: int, visible: Expression | None = None
    ) -> dict[str, dict[str, int]]:
        """For each facet its values with the number of articles, exact; ``most`` values each."""
        return self._texts.facets(self._query(expression, visible), names, most)

    def articles(self, numbers: Sequence[int]) -> list[Article]:
        """Articles by their numbers, in the order asked for."""
        found = {number: load_article(*row) for number, *row in self._rows(numbers)}
        return [found[number] for number in numbers]

    def _compiled(self, expression: Expression, visible: Expression | None) -> Any:
        return self._compiler.query(expression if visible is None else And((visible, expression)))

    def _folded(self, numbers: Sequence[int]) -> Iterator[Folded]:
        for number, *row in self._rows(numbers):
            article = load_article(*row)
            yield number, headings(article), fold(article.body)

    def _rows(self, numbers: Sequence[int]) -> Iterator[Any]:
        marks = ",".join("?" * len(numbers))
        return self._database.execute(
            f"SELECT number, id, fields, body FROM articles WHERE number IN ({marks})", list(numbers)
        )
