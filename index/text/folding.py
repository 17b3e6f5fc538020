"""Text folded, so that what is written in several ways is found: for exact search, and as words."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from index.article import Span

if TYPE_CHECKING:
    from opencc import OpenCC

_LEFT_OUT = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp", "Zs"))  # control and format characters, white space


class _Table(dict[int, str]):
    """What each character folds to, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKC", chr(code)).lower()
        kept = (c for c in plain if unicodedata.category(c) not in _LEFT_OUT and not c.isspace())
        self[code] = "".join(str(_simplifier().convert(c)) for c in kept)
        return self[code]


@cache
def _simplifier() -> OpenCC:
    import opencc

    return opencc.OpenCC("t2s")


_TABLE = _Table()


def folded(text: str) -> str:
    """Full-width forms as half-width ones, traditional characters as simplified ones, lower case.

    Words decide how a character is simplified: 乾 is 干 in 乾燥, and stays in 乾隆.
    """
    return str(_simplifier().convert(unicodedata.normalize("NFKC", text).lower()))


def fold(text: str) -> str:
    """Half-width, simplified, lower case, without white space and invisible characters.

    Unlike ``folded`` it looks at single characters, so that a part of a text folds to a part of the folded text: 乾 is
    干 in 乾隆 too, in the texts and in the query.
    """
    return text.translate(_TABLE)


@dataclass(frozen=True)
class FoldedText:
    """A folded text that knows where each of its characters stood: ``offsets[i]`` in the text it was made from."""

    text: str
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> FoldedText:
        """Fold ``text``."""
        folded = [_TABLE[ord(character)] for character in text]
        offsets = (place for place, piece in enumerate(folded) for _ in piece)
        return cls("".join(folded), tuple(offsets))

    def span(self, start: int, end: int) -> Span:
        """Where the folded characters from ``start`` to ``end`` stood."""
        return Span(self.offsets[start], self.offsets[end - 1] + 1)

    def position(self, offset: int) -> int:
        """The folded position of what stood at ``offset`` or, where that was left out, before it."""
        return max(0, bisect_right(self.offsets, offset) - 1)
