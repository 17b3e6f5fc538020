"""Match words with wildcards, and words near each other, in a folded text, always in time linear in the text.

For each piece of a pattern, last piece first, the positions are computed at which it and all later pieces can be; a set
of positions is stored as the bits of an integer. ``re`` finds the same matches, but may try every placement.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from .expression import Near, Pieces, Text, Wild


def occurs(words: Text | Near, text: str) -> bool:
    """Whether the words appear in a folded text."""
    return any(_places(pieces, text)[0] for pieces in _ways(words))


def occurrences(words: Text | Near, text: str) -> Iterator[tuple[int, int]]:
    """Yield the positions of the words from left to right, without overlap; wildcards are greedy."""
    ways = [(pieces, places) for pieces in _ways(words) if (places := _places(pieces, text))[0]]
    position = 0
    while ways:
        begins = [_first(places[0], position) for _, places in ways]
        ways = [way for way, begin in zip(ways, begins, strict=True) if begin is not None]
        known = [begin for begin in begins if begin is not None]
        if known:
            start = min(known)
            position = _end(*ways[known.index(start)], start)
            yield start, position


def _ways(words: Text | Near) -> list[Pieces]:
    """The sequences of pieces to find; two words near each other may come in either order."""
    if isinstance(words, Text):
        return [words.pieces]
    gap = Wild(0, words.distance)
    return [(words.first, gap, words.second), (words.second, gap, words.first)]


def _places(pieces: Pieces, text: str) -> list[int]:
    """For each piece and for the end, the positions where it and all later ones can be; empty if a word is absent."""
    if not all(piece in text for piece in pieces if isinstance(piece, str)):
        return [0]
    anywhere = (2 << len(text)) - 1
    return list(accumulate(reversed(pieces), lambda after, piece: _before(piece, after, text), initial=anywhere))[::-1]


def _before(piece: str | Wild, after: int, text: str) -> int:
    """The positions of a piece that end directly before one of the positions ``after``."""
    if isinstance(piece, str):
        return after >> len(piece) & _standing(piece, text)
    places = after >> piece.least
    for _ in range(piece.most - piece.least):
        places |= places >> 1
    return places


def _standing(word: str, text: str) -> int:
    """The positions of a word, which may overlap."""
    flags = bytearray(b"0") * len(text)
    place = text.find(word)
    while place >= 0:
        flags[-1 - place] = ord("1")
        place = text.find(word, place + 1)
    return int(flags, 2)


def _first(places: int, position: int) -> int | None:
    """The first position from ``position`` on."""
    later = places >> position
    return position + (later & -later).bit_length() - 1 if later else None


def _end(pieces: Pieces, places: list[int], start: int) -> int:
    """The end of a match that begins at ``start``."""
    for piece, after in zip(pieces, places[1:], strict=True):
        if isinstance(piece, str):
            start += len(piece)
        else:
            within = (after >> start + piece.least) & ((2 << piece.most - piece.least) - 1)
            start += piece.least + within.bit_length() - 1
    return start
