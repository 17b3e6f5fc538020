"""Words with wildcards, and words near each other, in a folded text: in time linear in the text, whatever is asked.

For each piece of a pattern the places are computed where it and all after it can stand, the last piece first; a set of
places is the bits of a number. A search with ``re`` finds the same, but may try every way of placing the pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from .expression import Near, Pieces, Text, Wild


def occurs(words: Text | Near, text: str) -> bool:
    """Whether the words appear in a folded text."""
    return any(_places(pieces, text)[0] for pieces in _ways(words))


def occurrences(words: Text | Near, text: str) -> Iterator[tuple[int, int]]:
    """Where the words stand, from the first on without overlap; a wildcard takes as much as it can."""
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
    """What stands one after another; two words that are near each other in either order."""
    if isinstance(words, Text):
        return [words.pieces]
    gap = Wild(0, words.distance)
    return [(words.first, gap, words.second), (words.second, gap, words.first)]


def _places(pieces: Pieces, text: str) -> list[int]:
    """For each piece, and for the end, the places where it and all after it can stand; none where a word is missing."""
    if not all(piece in text for piece in pieces if isinstance(piece, str)):
        return [0]
    anywhere = (2 << len(text)) - 1
    return list(accumulate(reversed(pieces), lambda after, piece: _before(piece, after, text), initial=anywhere))[::-1]


def _before(piece: str | Wild, after: int, text: str) -> int:
    """Where a piece can stand so that one of the places ``after`` comes right behind it."""
    if isinstance(piece, str):
        return after >> len(piece) & _standing(piece, text)
    places = after >> piece.least
    for _ in range(piece.most - piece.least):
        places |= places >> 1
    return places


def _standing(word: str, text: str) -> int:
    """Where a word stands; its places may overlap."""
    flags = bytearray(b"0") * len(text)
    place = text.find(word)
    while place >= 0:
        flags[-1 - place] = ord("1")
        place = text.find(word, place + 1)
    return int(flags, 2)


def _first(places: int, position: int) -> int | None:
    """The first place from a position on."""
    later = places >> position
    return position + (later & -later).bit_length() - 1 if later else None


def _end(pieces: Pieces, places: list[int], start: int) -> int:
    """Where a pattern that begins at ``start`` ends."""
    for piece, after in zip(pieces, places[1:], strict=True):
        if isinstance(piece, str):
            start += len(piece)
        else:
            within = (after >> start + piece.least) & ((2 << piece.most - piece.least) - 1)
            start += piece.least + within.bit_length() - 1
    return start
