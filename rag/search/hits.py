"""All hits of a query, ordered and counted, in one snapshot of the archive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

from index.article import Article
from index.errors import BaowenError
from index.overlay.names import NameEdits
from index.search.expression import And, Dates, Expression, Numbers, Or, conditions, wanted
from index.search.parser import parse
from index.search.searching import SORTS, Sort
from index.search.texts import FACETS
from index.storage.store import Filter, Store
from index.types import JsonObject
from rag.query.validation import check_whole

from .meaning import Meaning
from .merging import merged_counts, with_merged_names
from .snippets import Snippet, snippets

Mode = Literal["words", "meaning", "both"]
_READ_AT_ONCE = 100
_SHOWN_VALUES = 50
_MOST_FOLDED = 50


@dataclass(frozen=True)
class Hit:
    """An article that matches a query, with snippets.

    ``same_text``: how many hits have exactly this text, including this one; ``folded``: the others, at most 50, if they
    are folded into this one.
    """

    article: Article
    snippets: tuple[Snippet, ...]
    same_text: int = 1
    folded: tuple[Article, ...] = ()

    def as_dict(self) -> JsonObject:
        """Return the hit as JSON values."""
        return {
            "article": self.article.as_dict(),
            "snippets": [snippet.text for snippet in self.snippets],
            "places": [snippet.as_dict() for snippet in self.snippets],
            "same_text": self.same_text,
            "folded": [article.id for article in self.folded],
        }


class Hits:
    """The hits of one query.

    They all come from one ``snapshot``, whatever is published meanwhile, so that no page repeats or misses a hit.

    Args:
        store: the archive's snapshot.
        query: the query as typed.
        expression: the parsed query, possibly combined with the results of a search by meaning.
        sort: the order.
        ranked: the numbers of the articles in order of relevance; None: the lexical order.
        visible: the articles that the reader may see; None: all. Access rights are applied here.
        edits: names that people merged or hid; None: none.
    """

    def __init__(
        self,
        store: Store,
        query: str,
        expression: Expression,
        sort: Sort,
        ranked: Sequence[int] | None = None,
        visible: Expression | None = None,
        edits: NameEdits | None = None,
    ) -> None:
        self._edits = edits
        self.query = query
        self.expression = expression
        self.snapshot = store.snapshot
        self._store, self._search = store, store.search  # keeping the store keeps the snapshot open
        self._sort = sort
        self._ranked = ranked if sort == "relevance" else None
        self._visible = visible

    @cached_property
    def total(self) -> int:
        """The number of articles that match."""
        return self._search.count(self.expression, self._visible)

    @property
    def texts(self) -> int:
        """The number of hits if those with the same text are folded into one."""
        return self.total - len(self._repeats)

    @cached_property
    def ids(self) -> list[str]:
        """The articles' ids, in order."""
        numbers = self._numbers(self.total, 0)
        parts = (numbers[start : start + _READ_AT_ONCE] for start in range(0, len(numbers), _READ_AT_ONCE))
        return [article.id for part in parts for article in self._search.articles(part)]

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[Hit]:
        numbers = self._numbers(self.total, 0)
        for start in range(0, len(numbers), _READ_AT_ONCE):
            yield from self._hits(numbers[start : start + _READ_AT_ONCE])

    def page(self, limit: int = 20, offset: int = 0, *, fold: bool = False) -> list[Hit]:
        """Return some of the hits in order; with ``fold`` only the first of all hits with the same text."""
        if not fold:
            return self._hits(self._numbers(limit, offset))
        numbers = self._numbers(limit, offset, self._repeats)
        folded = ([n for n in self._alike.get(number, ()) if n != number] for number in numbers)
        return [
            replace(hit, folded=tuple(self._search.articles(others[:_MOST_FOLDED]))) if others else hit
            for hit, others in zip(self._hits(numbers), folded, strict=True)
        ]

    def facets(self, names: Sequence[str] = FACETS, most: int = _SHOWN_VALUES) -> dict[str, dict[str, int]]:
        """Return for each facet its ``most`` most frequent values with exact numbers of hits."""
        return merged_counts(self._search, self.expression, names, most, self._visible, self._edits)

    @cached_property
    def _alike(self) -> dict[int, list[int]]:
        """The numbers of all hits with the same text, in order, by the number of each; only texts of several hits."""
        found = self._search.alike(self.expression, self._sort, self._visible)
        if self._ranked is not None:
            ranks = {number: rank for rank, number in enumerate(self._ranked)}
            found = [sorted(numbers, key=ranks.__getitem__) for numbers in found]
        return {number: numbers for numbers in found for number in numbers}

    @cached_property
    def _repeats(self) -> set[int]:
        """The numbers of hits with the same text as an earlier hit."""
        return {number for number, numbers in self._alike.items() if number != numbers[0]}

    def _numbers(self, limit: int, offset: int, without: Collection[int] = ()) -> list[int]:
        limit, offset = check_whole("limit", limit), check_whole("offset", offset)
        if self._ranked is not None:
            return [number for number in self._ranked if number not in without][offset : offset + limit]
        return self._search.numbers(self.expression, self._sort, limit, offset, self._visible, without)

    def _hits(self, numbers: Sequence[int]) -> list[Hit]:
        return [
            Hit(article, snippets(article, self.expression), len(self._alike.get(number, (number,))))
            for number, article in zip(numbers, self._search.articles(numbers), strict=True)
        ]


def of_snapshot(store: Callable[[], Store], snapshot: str | None) -> Store:
    """Return the snapshot that earlier pages of results came from; the current one for None.

    Raises:
        BaowenError: the snapshot is no longer available.
    """
    current = store()
    if snapshot in (None, current.snapshot):
        return current
    found: Store | None = store.at(snapshot) if hasattr(store, "at") else None
    if found is None:
        raise BaowenError("馆藏已经更新，请从第一页重新查 (the archive has changed; begin again)")
    return found


def find(
    store: Store,
    query: str,
    sort: str = "relevance",
    visible: Expression | None = None,
    edits: NameEdits | None = None,
) -> Hits:
    """Return all articles that contain the words of a query; arguments and errors as ``find_by``."""
    return Hits(store, query, _parsed(query, edits), _order(sort), visible=visible, edits=edits)


def find_by(
    mode: str,
    meaning: Meaning,
    store: Store,
    query: str,
    sort: str = "relevance",
    visible: Expression | None = None,
    edits: NameEdits | None = None,
) -> Hits:
    """Return the hits of a query.

    Args:
        mode: ``words``: all articles that contain the words; ``meaning``: the articles nearest in meaning, within the
            query's fields and dates; ``both``: either of them.
        meaning: finds the articles nearest in meaning.
        store: the archive's snapshot.
        query: a query in the query language (docs/search.md).
        sort: ``relevance``, ``newest`` or ``oldest``.
        visible: the articles that the reader may see; None: all. Others appear in no hits, counts or pages.
        edits: names that people merged, so that they find each other, or hid; None: none.

    Raises:
        BaowenError: the query cannot be parsed (the message shows where), or the order or mode does not exist.
    """
    expression, chosen = _parsed(query, edits), _order(sort)
    if mode not in get_args(Mode):
        raise BaowenError(f"没有 {mode} 这种检索 (no such mode)；可用 {'、'.join(get_args(Mode))}")
    if mode == "words":
        return Hits(store, query, expression, chosen, visible=visible, edits=edits)
    near = _nearest(store, expression, meaning, visible)
    if mode == "meaning":
        return Hits(store, query, _shown(near, expression), chosen, near, visible, edits)
    joined = Or((expression, Numbers(tuple(near))))
    exact = store.search.numbers(expression, "relevance", max(1, store.stamp.articles), visible=visible)
    return Hits(store, query, joined, chosen, _fused(exact, near), visible, edits)


def _parsed(query: str, edits: NameEdits | None) -> Expression:
    return with_merged_names(parse(query), edits) if edits else parse(query)


def _order(sort: str) -> Sort:
    chosen: Sort | None = next((known for known in SORTS if known == sort), None)
    if chosen is None:
        raise BaowenError(f"没有 {sort} 这种排序 (no such order)；可用 {'、'.join(SORTS)}")
    return chosen


def _shown(near: Sequence[int], expression: Expression) -> Expression:
    """The query for the nearest articles only; the query's words are marked in them if they occur."""
    return And((Numbers(tuple(near)), Or((*wanted(expression), Numbers(tuple(near))))))


def _nearest(store: Store, expression: Expression, meaning: Meaning, visible: Expression | None) -> list[int]:
    """The numbers of the articles nearest in meaning to the query's words, of those that fit its fields and dates.

    A range of dates becomes a filter, for which no articles need to be listed.
    """
    said = " ".join(dict.fromkeys(text for word in wanted(expression) for text in word.words))
    if not said:
        return []
    asked = conditions(expression)
    parts = asked.parts if isinstance(asked, And) else () if asked is None else (asked,)
    dates = next((part for part in parts if isinstance(part, Dates)), Dates(None, None))
    others = [part for part in (*parts, visible) if part is not None and part is not dates]
    among = store.search.numbers(And(tuple(others)), "oldest", max(1, store.stamp.articles)) if others else None
    return store.search.numbers_of(meaning(store, said, Filter(_iso(dates.since), _iso(dates.until)), among))


def _iso(number: int | None) -> str | None:
    return None if number is None else f"{number // 10000:04d}-{number // 100 % 100:02d}-{number % 100:02d}"


def _fused(exact: Sequence[int], near: Sequence[int]) -> list[int]:
    """Combine two orders by reciprocal rank fusion."""
    scores: dict[int, float] = {}
    for order in (exact, near):
        for rank, number in enumerate(order):
            scores[number] = scores.get(number, 0.0) + 1 / (60 + rank)
    return sorted(scores, key=lambda number: -scores[number])
