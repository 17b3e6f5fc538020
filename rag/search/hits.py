"""Every hit of a query, in order and counted, in one state of the archive."""

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

from .meaning import Meaning
from .merging import joined as joined_names
from .merging import merged_counts
from .snippets import Snippet, snippets

Mode = Literal["words", "meaning", "both"]
_READ_AT_ONCE = 100
_SHOWN_VALUES = 50
_MOST_FOLDED = 50


@dataclass(frozen=True)
class Hit:
    """An article that a query fits, and where.

    ``same_text``: how many hits have its very text, itself included; ``folded``: the others, at most 50, where they are
    folded into this one.
    """

    article: Article
    snippets: tuple[Snippet, ...]
    same_text: int = 1
    folded: tuple[Article, ...] = ()

    def as_dict(self) -> JsonObject:
        """As JSON values."""
        return {
            "article": self.article.as_dict(),
            "snippets": [snippet.text for snippet in self.snippets],
            "places": [snippet.as_dict() for snippet in self.snippets],
            "same_text": self.same_text,
            "folded": [article.id for article in self.folded],
        }


class Hits:
    """The hits of one query.

    They are of one snapshot, ``snapshot``, whatever is published meanwhile: no page repeats or loses a hit.

    Args:
        store: the state of the archive.
        query: as it was typed.
        expression: what it means; joined with what a search by meaning found.
        sort: the order.
        ranked: the numbers of the articles in the order of relevance; None: the words' own order.
        visible: which articles whoever asks may see; None: all. This is the place for rights.
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
        self._store, self._search = store, store.search  # a state that nobody holds is closed
        self._sort = sort
        self._ranked = ranked if sort == "relevance" else None
        self._visible = visible

    @cached_property
    def total(self) -> int:
        """How many articles fit."""
        return self._search.count(self.expression, self._visible)

    @property
    def texts(self) -> int:
        """How many are left when those with the same text are folded into one."""
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
        """Some of the hits, in order; with ``fold`` of those with one text, wherever they stand, the first alone."""
        if not fold:
            return self._hits(self._numbers(limit, offset))
        numbers = self._numbers(limit, offset, self._repeats)
        folded = ([n for n in self._alike.get(number, ()) if n != number] for number in numbers)
        return [
            replace(hit, folded=tuple(self._search.articles(others[:_MOST_FOLDED]))) if others else hit
            for hit, others in zip(self._hits(numbers), folded, strict=True)
        ]

    def facets(self, names: Sequence[str] = FACETS, most: int = _SHOWN_VALUES) -> dict[str, dict[str, int]]:
        """For each facet its values with how many hits have them, exact; the ``most`` values with most hits."""
        return merged_counts(self._search, self.expression, names, most, self._visible, self._edits)

    @cached_property
    def _alike(self) -> dict[int, list[int]]:
        """For each hit whose text another hit has too, by its number: all that have it, in order."""
        found = self._search.alike(self.expression, self._sort, self._visible)
        if self._ranked is not None:
            ranks = {number: rank for rank, number in enumerate(self._ranked)}
            found = [sorted(numbers, key=ranks.__getitem__) for numbers in found]
        return {number: numbers for numbers in found for number in numbers}

    @cached_property
    def _repeats(self) -> set[int]:
        """The hits whose text an earlier hit has."""
        return {number for number, numbers in self._alike.items() if number != numbers[0]}

    def _numbers(self, limit: int, offset: int, without: Collection[int] = ()) -> list[int]:
        if self._ranked is not None:
            return [number for number in self._ranked if number not in without][offset : offset + limit]
        return self._search.numbers(self.expression, self._sort, limit, offset, self._visible, without)

    def _hits(self, numbers: Sequence[int]) -> list[Hit]:
        return [
            Hit(article, snippets(article, self.expression), len(self._alike.get(number, (number,))))
            for number, article in zip(numbers, self._search.articles(numbers), strict=True)
        ]


def of_snapshot(store: Callable[[], Store], snapshot: str | None) -> Store:
    """The state of the archive that earlier pages were of; the current one for None.

    Raises:
        BaowenError: it is no longer kept.
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
    mode: str = "words",
    meaning: Meaning | None = None,
    visible: Expression | None = None,
    edits: NameEdits | None = None,
) -> Hits:
    """The hits of a query.

    Args:
        store: the state of the archive.
        query: in the query language (docs/search.md).
        sort: ``relevance``, ``newest`` or ``oldest``.
        mode: ``words``: what stands in the texts, complete; ``meaning``: the articles nearest in meaning, within the
            query's fields and dates; ``both``: either.
        meaning: finds the articles nearest in meaning; needed for those modes.
        visible: which articles whoever asks may see; None: all. Hits, counts and pages know of no others.
        edits: names that people merged, which find each other, or hid; None: none.

    Raises:
        BaowenError: the query cannot be read (the message points at the place), or there is no such order or mode.
    """
    expression = joined_names(parse(query), edits) if edits else parse(query)
    chosen: Sort | None = next((known for known in SORTS if known == sort), None)
    if chosen is None:
        raise BaowenError(f"没有 {sort} 这种排序 (no such order)；可用 {'、'.join(SORTS)}")
    if mode not in get_args(Mode):
        raise BaowenError(f"没有 {mode} 这种检索 (no such mode)；可用 {'、'.join(get_args(Mode))}")
    if mode == "words" or meaning is None:
        return Hits(store, query, expression, chosen, visible=visible, edits=edits)
    near = _nearest(store, expression, meaning, visible)
    if mode == "meaning":
        return Hits(store, query, _shown(near, expression), chosen, near, visible, edits)
    joined = Or((expression, Numbers(tuple(near))))
    exact = store.search.numbers(expression, "relevance", max(1, store.stamp.articles), visible=visible)
    return Hits(store, query, joined, chosen, _fused(exact, near), visible, edits)


def _shown(near: Sequence[int], expression: Expression) -> Expression:
    """Only the nearest articles; the words of the query are marked in them where they stand."""
    return And((Numbers(tuple(near)), Or((*wanted(expression), Numbers(tuple(near))))))


def _nearest(store: Store, expression: Expression, meaning: Meaning, visible: Expression | None) -> list[int]:
    """The numbers of the articles nearest to the query's words, within its fields and dates."""
    said = " ".join(dict.fromkeys(text for word in wanted(expression) for text in word.words))
    if not said:
        return []
    asked = _both(visible, conditions(expression))
    where = Filter()
    for part in asked.parts if isinstance(asked, And) else ():
        if isinstance(part, Dates):
            where = Filter(_iso(part.since), _iso(part.until))
    near = store.search.numbers_of(meaning(store, said, where))
    if asked is None:
        return near
    kept = set(store.search.numbers(And((asked, Numbers(tuple(near)))), "oldest", max(1, len(near))))
    return [number for number in near if number in kept]


def _both(one: Expression | None, other: Expression | None) -> Expression | None:
    return And((one, other)) if one is not None and other is not None else one if other is None else other


def _iso(number: int | None) -> str | None:
    return None if number is None else f"{number // 10000:04d}-{number // 100 % 100:02d}-{number % 100:02d}"


def _fused(exact: Sequence[int], near: Sequence[int]) -> list[int]:
    """Reciprocal rank fusion of two orders."""
    scores: dict[int, float] = {}
    for order in (exact, near):
        for rank, number in enumerate(order):
            scores[number] = scores.get(number, 0.0) + 1 / (60 + rank)
    return sorted(scores, key=lambda number: -scores[number])
