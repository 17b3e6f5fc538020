"""Cuts texts into marked and unmarked pieces."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.article import Corrected
from rag.search.snippets import Snippet


class Piece(NamedTuple):
    """A piece of a text, marked or not.

    ``correction``: the correction by hand that it is, if any; ``doubtful``: recognition may have misread it.
    """

    text: str
    marked: bool
    correction: Corrected | None = None
    doubtful: bool = False


def marked_pieces(
    body: str,
    first: int,
    last: int,
    spans: Sequence[tuple[int, int]],
    corrections: Sequence[Corrected] = (),
    doubtful: Collection[int] = (),
) -> list[Piece]:
    """Return ``body[first:last]`` in pieces, of which those within the spans are marked.

    ``spans`` are offsets in the body, ``doubtful`` are those of single characters.
    """
    edges = {first, last}
    corrected = [(place.start, place.end) for place in corrections]
    for start, end in [*spans, *corrected, *((offset, offset + 1) for offset in doubtful)]:
        edges |= {edge for edge in (start, end) if first < edge < last}
    return [
        Piece(
            body[start:end],
            any(a <= start < b for a, b in spans),
            next((place for place in corrections if place.start <= start < place.end), None),
            start in doubtful,
        )
        for start, end in pairwise(sorted(edges))
    ]


def snippet_pieces(snippet: Snippet) -> list[Piece]:
    """Return a snippet in pieces, of which the words of the query are marked."""
    return marked_pieces(snippet.text, 0, len(snippet.text), snippet.marks)
