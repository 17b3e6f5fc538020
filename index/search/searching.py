"""Find every article that matches a query, in one state of an archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Literal

import tantivy

from index.article import Article, load_article
from index.text.folding import fold

from .compiler import Compiler, Folded
from .expression import And, Expression
from .texts import HEADING, Texts

Sort = Literal["relevance", "newest", "oldest"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest")
_REMEMBERED = 64  # compiled queries that are cached, for paging through hits


class ArticleSearch:
    """Searches the character lists of one snapshot.

    ``visible`` always says which articles the user may see; None: all. It is part of the query, so that neither hits
    nor counts reveal other articles.
    """

    def __init__(self, texts: Texts, database: sqlite3.Connection) -> None:
        self._texts = texts
        self._database = database
        self._query = lru_cache(maxsize=_REMEMBERED)(self._compiled)

    def count(self, expression: Expression, visible: Expression | None = None) -> int:
        """The number of matching articles."""
        return self._texts.count(self._query(expression, visible))

    def numbers(
        self,
        expression: Expression,
        sort: Sort,
        limit: int,
        offset: int = 0,
        visible: Expression | None = None,
        without: Collection[int] = (),
    ) -> list[int]:
        """The numbers of matching articles in order, except ``without``; articles of one date are ordered by page."""
        return self._texts.numbers(self._query(expression, visible), limit, offset, _order(sort), without)

    def facets(
        self, expression: Expression, names: Sequence[str], most: int, visible: Expression | None = None
    ) -> dict[str, dict[str, int]]:
        """For each facet, its ``most`` most frequent values with their exact number of articles."""
        return self._texts.facets(self._query(expression, visible), names, most)

    def articles(self, numbers: Sequence[int]) -> list[Article]:
        """Articles by number, in the given order."""
        rows = self._rows("number, id, fields, body", "number", numbers)
        found = {number: load_article(*row) for number, *row in rows}
        return [found[number] for number in numbers]

    def numbers_of(self, identities: Sequence[str]) -> list[int]:
        """The numbers of articles by id, in the given order; unknown ids are left out."""
        found = {str(identity): int(number) for identity, number in self._rows("id, number", "id", identities)}
        return [found[identity] for identity in identities if identity in found]

    def named_in(self, number: int) -> dict[str, int]:
        """The names in an article, by its number, with the number of articles that contain each."""
        if not self._database.execute("SELECT 1 FROM sqlite_master WHERE name = 'named'").fetchone():
            return {}  # an older format without names
        rows = self._database.execute("SELECT kind, name FROM named WHERE article = ?", (number,))
        return {name: self._texts.frequency(kind, name) for kind, name in rows}

    def alike(self, expression: Expression, sort: Sort, visible: Expression | None = None) -> list[list[int]]:
        """The numbers of matching articles with identical text, as one ordered list per text.

        Texts that differ only in punctuation count as identical; very short texts are not compared.
        """
        return self._texts.alike(self._query(expression, visible), _order(sort))

    def _compiled(self, expression: Expression, visible: Expression | None) -> tantivy.Query:
        return Compiler(self._texts, self._folded).query(expression if visible is None else And((visible, expression)))

    def _folded(self, numbers: Sequence[int]) -> Iterator[Folded]:
        titles = ", ".join(f"json_extract(fields, '$.{part}')" for part in HEADING)
        for number, body, *parts in self._rows(f"number, body, {titles}", "number", numbers):
            yield number, [folded for part in parts if (folded := fold(part))], fold(body)

    def _rows(self, columns: str, key: str, values: Sequence[int] | Sequence[str]) -> sqlite3.Cursor:
        marks = ",".join("?" * len(values))
        return self._database.execute(f"SELECT {columns} FROM articles WHERE {key} IN ({marks})", list(values))


def _order(sort: Sort) -> str | None:
    return None if sort == "relevance" else sort
