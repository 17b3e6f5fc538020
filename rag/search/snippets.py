"""Snippets that show the words of a query in an article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from index.article import Article, Span
from index.search.expression import Expression, wanted
from index.search.matching import occurrences
from index.text.folding import FoldedText

_AROUND = 28  # characters before and after a word
_MOST = 3
_LOOKED_AT = 50  # occurrences of each word
_LEAD = 60  # characters of the body that are shown if a query has no words


@dataclass(frozen=True)
class Snippet:
    """A piece of the headline or the body: ``text``, with ``marks``, the offsets of the query's words in it.

    ``part``: ``body``, ``kicker``, ``title`` or ``subtitle``; ``start``: the offset of ``text`` in that part.
    """

    text: str
    part: str
    start: int
    marks: tuple[tuple[int, int], ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the marks as JSON values; the spans are offsets in that part of the article."""
        return {"part": self.part, "spans": [[self.start + start, self.start + end] for start, end in self.marks]}


def snippets(article: Article, expression: Expression) -> tuple[Snippet, ...]:
    """Return up to three pieces of the body with words of the query, or of the headline if the body has none.

    Without any such words, the beginning of the article is returned.
    """
    words = list(dict.fromkeys(wanted(expression)))
    for part in ("body", "title", "kicker", "subtitle"):
        text = getattr(article, part)
        folded = FoldedText.of(text)
        asked = [word for word in words if word.part in (None, "body" if part == "body" else "title")]
        found = [islice(occurrences(word, folded.text), _LOOKED_AT) for word in asked]
        places = [[folded.span(*place) for place in some] for some in found]
        if chosen := _chosen(places):
            return tuple(_snippet(text, part, stretch, places) for stretch in _joined(chosen, len(text)))
    lead = article.body[:_LEAD] or article.heading
    return (Snippet(lead, "body" if article.body else "title", 0),) if lead else ()


def _chosen(places: Sequence[Sequence[Span]]) -> list[Span]:
    """The first occurrence of each word, then further ones as long as there is room."""
    first = [found[0] for found in places if found]
    more = [place for found in places for place in found[1:]]
    return [*first, *more][:_MOST]


def _joined(places: Iterable[Span], length: int) -> list[Span]:
    """The occurrences with the text around them, joined if they touch."""
    around = sorted((max(0, place.start - _AROUND), min(length, place.end + _AROUND)) for place in places)
    joined: list[Span] = []
    for start, end in around:
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(end, joined[-1].end))
        else:
            joined.append(Span(start, end))
    return joined


def _snippet(text: str, part: str, stretch: Span, places: Sequence[Sequence[Span]]) -> Snippet:
    inside = sorted(
        (place.start - stretch.start, place.end - stretch.start)
        for found in places
        for place in found
        if stretch.start <= place.start and place.end <= stretch.end
    )
    marks: list[tuple[int, int]] = []
    for start, end in inside:
        if marks and start <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(end, marks[-1][1]))
        else:
            marks.append((start, end))
    return Snippet(text[stretch.start : stretch.end], part, stretch.start, tuple(marks))
