"""Compile queries to tantivy queries.

A wildcard of variable length, or a long word near another, cannot be expressed exactly as a phrase. It becomes a wider
query; the articles found are then read, and the numbers of those that match exactly complete the query.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence

import tantivy

from index.errors import BaowenError

from .expression import (
    And,
    Dates,
    Expression,
    Near,
    Not,
    Numbers,
    Or,
    Pages,
    Pieces,
    Text,
    Value,
    Wild,
)
from .matching import occurs
from .texts import Texts, searched_field

Folded = tuple[int, Sequence[str], str]  # an article's number, its headings and its body, folded

_QUERY = tantivy.Query
_MUST, _SHOULD, _MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_PARTS = ("title", "body")
_SLOWEST = 10.0  # seconds for reading articles for one query
_READ_AT_ONCE = 500


class TooWideError(BaowenError):
    """A query for which more articles would have to be read than time allows."""


class Compiler:
    """Compiles one query for one state of an archive; the time for reading articles begins with it.

    Args:
        texts: the lists to search.
        read: returns articles by number.
    """

    def __init__(self, texts: Texts, read: Callable[[Sequence[int]], Iterable[Folded]]) -> None:
        self._texts = texts
        self._schema = texts.schema
        self._read = read
        self._deadline = time.monotonic() + _SLOWEST

    def query(self, expression: Expression, within: tantivy.Query = None) -> tantivy.Query:
        """The tantivy query for ``expression``. It needs to be exact only within ``within``; None: everywhere.

        Raises:
            TooWideError: a wildcard or distance matches too much, or tantivy finds the query too wide.
        """
        try:
            return self._query(expression, within)
        except ValueError as error:
            raise TooWideError(f"这个查询太宽 (too wide: {error})；请少用几个通配符") from error

    def _query(self, expression: Expression, within: tantivy.Query) -> tantivy.Query:
        if isinstance(expression, And):
            return self._all(expression, within)
        if isinstance(expression, Or):
            return _any([self.query(part, within) for part in expression.parts])
        if isinstance(expression, Not):
            return _QUERY.boolean_query(
                [(_MUST, _silent(_QUERY.all_query())), (_MUST_NOT, self.query(expression.part, within))]
            )
        if isinstance(expression, Text | Near):
            return self._words(expression, within)
        if isinstance(expression, Dates):
            return self._range("date", expression.since or 1, expression.until)
        if isinstance(expression, Pages):
            return self._range("page_number", expression.first, expression.last)
        if isinstance(expression, Numbers):
            return _silent(self._set("number", expression.numbers))
        return self._value(expression)

    def _set(self, field: str, values: Sequence[int]) -> tantivy.Query:
        return _QUERY.term_set_query(self._schema, field, list(values)) if values else _QUERY.empty_query()

    def _all(self, expression: And, within: tantivy.Query) -> tantivy.Query:
        """Compile exact parts first; the others need to be exact only within those."""
        parts = sorted(expression.parts, key=_is_exact, reverse=True)
        found = [self.query(part, within) for part in parts if _is_exact(part)]
        for part in parts[len(found) :]:
            around = [*found, *([within] if within is not None else [])]
            found.append(self.query(part, _every(around) if around else None))
        return _every(found)

    def _range(self, field: str, first: int, last: int | None) -> tantivy.Query:
        kind = tantivy.FieldType.Unsigned
        return _silent(_QUERY.range_query(self._schema, field, kind, first, last))

    def _value(self, value: Value) -> tantivy.Query:
        field = searched_field(value.kind)
        if len(value.pieces) == 1 and isinstance(value.pieces[0], str):
            return _silent(_QUERY.term_query(self._schema, field, value.pieces[0], index_option="basic"))
        pattern = "".join(_value_pattern(piece) for piece in value.pieces)
        return _silent(_QUERY.regex_query(self._schema, field, pattern))

    def _words(self, words: Text | Near, within: tantivy.Query) -> tantivy.Query:
        parts = [words.part] if words.part else _PARTS
        if _is_exact(words):
            return _any([self._wide(words, part) for part in parts])
        wide = _any([self._wide(words, part) for part in parts])
        asked = wide if within is None else _every([wide, within])
        exact = self._set("number", self._verified(asked, words, parts))
        return _QUERY.boolean_query([(_MUST, wide), (_MUST, _silent(exact))])

    def _verified(self, query: tantivy.Query, words: Text | Near, parts: Sequence[str]) -> list[int]:
        """The numbers of those articles among a query's hits that contain the words."""
        candidates = self._texts.numbers(query, max(1, len(self._texts)), order="number")
        found = []
        for start in range(0, len(candidates), _READ_AT_ONCE):
            if time.monotonic() > self._deadline:
                raise TooWideError(
                    f"通配符或相邻条件太宽，要逐篇读 {len(candidates)} 篇 (too wide)；请加上别的词、日期或版次"
                )
            for number, titles, body in self._read(candidates[start : start + _READ_AT_ONCE]):
                texts = [*(titles if "title" in parts else ()), *([body] if "body" in parts else ())]
                if any(occurs(words, text) for text in texts):
                    found.append(number)
        return found

    def _wide(self, words: Text | Near, part: str) -> tantivy.Query:
        """A query that finds all matches of ``words`` in a part of the articles; only those if ``words`` are exact."""
        if isinstance(words, Near):
            return self._near(words, part)
        literal = [piece for piece in words.pieces if isinstance(piece, str)]
        if _is_exact(words) and len(words.pieces) > 1:
            return self._phrase(part, _placed(words.pieces))
        return _every([self._piece(part, piece) for piece in literal])

    def _near(self, near: Near, part: str) -> tantivy.Query:
        """A query for both words, with the end of one near the beginning of the other."""
        asked = [] if near.exact else [self._piece(part, near.first), self._piece(part, near.second)]
        if min(len(near.first), len(near.second)) > 1:
            ways = [(near.first, near.second), (near.second, near.first)]
            asked.append(_any([self._apart(part, one, other, near.distance) for one, other in ways]))
        return _every(asked)

    def _apart(self, part: str, one: str, other: str, most: int) -> tantivy.Query:
        """The last two characters of ``one`` followed, after at most ``most`` others, by the first two of ``other``.

        With slop, two terms may be that far from their positions in the phrase, in either direction.
        """
        slop = most // 2
        terms = one[-2:], other[:2]
        places = {2 + slop, 2 + most - slop}  # two phrases cover an odd number
        phrases = [
            _QUERY.phrase_query(self._schema, part, [(0, terms[0]), (place, terms[1])], slop) for place in places
        ]
        return _any(phrases)

    def _piece(self, part: str, piece: str) -> tantivy.Query:
        """A query for consecutive characters."""
        if len(piece) == 1:
            return _QUERY.regex_query(self._schema, part, f"{_escaped(piece)}.")
        return self._phrase(part, _placed((piece,)))

    def _phrase(self, part: str, terms: Sequence[tuple[int, str]]) -> tantivy.Query:
        if len(terms) == 1:
            return _QUERY.term_query(self._schema, part, terms[0][1], index_option="position")
        return _QUERY.phrase_query(self._schema, part, list(terms))


def _placed(pieces: Pieces) -> list[tuple[int, str]]:
    """The terms that cover the characters, with their positions; wildcards between them have a fixed length."""
    terms = []
    start = 0
    for piece in pieces:
        if isinstance(piece, Wild):
            start += piece.least
            continue
        places = dict.fromkeys([*range(0, len(piece) - 1, 2), len(piece) - 2])
        terms += [(start + place, piece[place : place + 2]) for place in places]
        start += len(piece)
    return terms


def _is_exact(expression: Expression) -> bool:
    """Whether the tantivy query expresses all of it exactly."""
    if isinstance(expression, And | Or):
        return all(map(_is_exact, expression.parts))
    if isinstance(expression, Not):
        return _is_exact(expression.part)
    if isinstance(expression, Near):
        return expression.exact
    return expression.exact if isinstance(expression, Text) else True


def _every(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return queries[0] if len(queries) == 1 else _QUERY.boolean_query([(_MUST, query) for query in queries])


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return queries[0] if len(queries) == 1 else _QUERY.boolean_query([(_SHOULD, query) for query in queries])


def _silent(query: tantivy.Query) -> tantivy.Query:
    """The query without a contribution to the score."""
    return _QUERY.const_score_query(query, 0.0)


def _escaped(text: str) -> str:
    """Escape text for tantivy's regular expressions, where any special character may be escaped."""
    return re.sub(r"[\\.+*?()|\[\]{}^$#&\-~]", r"\\\g<0>", text)


def _value_pattern(piece: str | Wild) -> str:
    if isinstance(piece, str):
        return _escaped(piece)
    return "." * piece.least + (".*" if piece.most > piece.least else "")
