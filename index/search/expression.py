"""A search query, understood: what ``index.search.parser`` reads and ``index.search.compiler`` asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["title", "body"]
ValueKind = Literal["reporter", "paper", "section", "person", "organisation", "place"]

LONGEST_GAP = 20  # characters that * may stand for
FARTHEST = 100  # characters that may lie between two words that are near each other


@dataclass(frozen=True)
class Wild:
    """A wildcard: from ``least`` to ``most`` characters, whatever they are."""

    least: int
    most: int

    @classmethod
    def of(cls, least: int, *, many: bool) -> Wild:
        """``least`` characters, and with ``many`` up to 20 more."""
        return cls(least, least + (LONGEST_GAP if many else 0))


Pieces = tuple[str | Wild, ...]  # characters, folded, and wildcards between them


@dataclass(frozen=True)
class Text:
    """Characters that stand so in the headline or the body; ``part``: in that alone.

    No two wildcards follow each other, and one at either end only says how many characters there must be.
    """

    pieces: Pieces
    part: Part | None = None

    @property
    def exact(self) -> bool:
        """Whether it is one run of characters, or runs of two and more at fixed distances."""
        if len(self.pieces) == 1:
            return True
        wild = [piece for piece in self.pieces if isinstance(piece, Wild)]
        ends = isinstance(self.pieces[0], Wild) or isinstance(self.pieces[-1], Wild)
        fixed = all(piece.least == piece.most for piece in wild)
        return not ends and fixed and all(len(piece) > 1 for piece in self.pieces if isinstance(piece, str))

    @property
    def words(self) -> list[str]:
        """The characters without the wildcards."""
        return [piece for piece in self.pieces if isinstance(piece, str)]


@dataclass(frozen=True)
class Near:
    """Two words in one text, in either order, with at most ``distance`` characters between them."""

    first: str
    second: str
    distance: int
    part: Part | None = None

    @property
    def exact(self) -> bool:
        """Whether both words are two characters long, so that one distance says all."""
        return len(self.first) == len(self.second) == 2

    @property
    def words(self) -> list[str]:
        """The two words."""
        return [self.first, self.second]


@dataclass(frozen=True)
class Value:
    """A name or title that an article has: its newspaper, section, a reporter, somebody or something named in it.

    ``pieces``: the whole value; a wildcard with a ``most`` above its ``least`` stands for any number of characters.
    """

    kind: ValueKind
    pieces: Pieces


@dataclass(frozen=True)
class Dates:
    """Printed from the one date to the other, both included, as numbers (20240730); None leaves an end open."""

    since: int | None
    until: int | None


@dataclass(frozen=True)
class Pages:
    """On one of the pages from the one to the other, both included."""

    first: int
    last: int


@dataclass(frozen=True)
class Numbers:
    """These articles, by their numbers: no query is written so, but other searches are joined to one by it."""

    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Not:
    """What does not match."""

    part: Expression


@dataclass(frozen=True)
class And:
    """What matches all."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Or:
    """What matches any."""

    parts: tuple[Expression, ...]


Expression = Text | Near | Value | Dates | Pages | Numbers | Not | And | Or


def wanted(expression: Expression) -> list[Text | Near]:
    """The words that a hit may show in its text: those that are not excluded."""
    if isinstance(expression, Text | Near):
        return [expression]
    if isinstance(expression, And | Or):
        return [word for part in expression.parts for word in wanted(part)]
    return []


def conditions(expression: Expression) -> Expression | None:
    """What is asked beside words, for a search by meaning: fields and dates that all hits have; None: nothing."""
    if isinstance(expression, And):
        kept = tuple(part for part in map(conditions, expression.parts) if part is not None)
        return And(kept) if kept else None
    if isinstance(expression, Text | Near):
        return None
    return expression if isinstance(expression, Not) or not wanted(expression) else None
