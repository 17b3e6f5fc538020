"""Fold text so that different spellings match: for exact search, and for words."""

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
    """What each character folds to, filled on demand."""

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
    """Convert to half-width forms, simplified characters and lower case.

    Simplification depends on the word: 乾 becomes 干 in 乾燥, but stays in 乾隆.
    """
    return str(_simplifier().convert(unicodedata.normalize("NFKC", text).lower()))


def fold(text: str) -> str:
    """Convert to half-width, simplified and lower case, and remove white space and invisible characters.

    Unlike ``folded``, this converts single characters, so that part of a text folds to part of the folded text: 乾
    becomes 干 even in 乾隆, both in texts and in queries.
    """
    return text.translate(_TABLE)


@dataclass(frozen=True)
class FoldedText:
    """A folded text with the original position of each character: ``offsets[i]`` in the source text."""

    text: str
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> FoldedText:
        """Fold ``text``."""
        folded = [_TABLE[ord(character)] for character in text]
        offsets = (place for place, piece in enumerate(folded) for _ in piece)
        return cls("".join(folded), tuple(offsets))

    def span(self, start: int, end: int) -> Span:
        """The original range of the folded characters from ``start`` to ``end``."""
        return Span(self.offsets[start], self.offsets[end - 1] + 1)

    def position(self, offset: int) -> int:
        """The folded position of the character at ``offset`` or, if it was removed, of the next one."""
        return max(0, bisect_right(self.offsets, offset) - 1)
