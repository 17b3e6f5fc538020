"""The syntax tree of a search query, built by ``index.search.parser`` and used by ``index.search.compiler``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["title", "body"]
ValueKind = Literal["reporter", "paper", "section", "person", "organisation", "place"]

LONGEST_GAP = 20  # maximum characters matched by *
FARTHEST = 100  # maximum characters between two words that are near each other


@dataclass(frozen=True)
class Wild:
    """A wildcard for any ``least`` to ``most`` characters."""

    least: int
    most: int

    @classmethod
    def of(cls, least: int, *, many: bool) -> Wild:
        """``least`` characters, or up to 20 more with ``many``."""
        return cls(least, least + (LONGEST_GAP if many else 0))


Pieces = tuple[str | Wild, ...]  # folded characters, and wildcards between them


@dataclass(frozen=True)
class Text:
    """Consecutive characters in the headline or the body; ``part`` restricts them to one of the two.

    Wildcards are never adjacent, and one at either end only gives the number of characters that must be there.
    """

    pieces: Pieces
    part: Part | None = None

    @property
    def exact(self) -> bool:
        """Whether it is one run of characters, or runs of two or more at fixed distances."""
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
        """Whether both words have two characters, so that one distance is sufficient."""
        return len(self.first) == len(self.second) == 2

    @property
    def words(self) -> list[str]:
        """The two words."""
        return [self.first, self.second]


@dataclass(frozen=True)
class Value:
    """A name or title of an article: its newspaper, section, a reporter, or a person or thing named in it.

    ``pieces`` match the whole value; a wildcard whose ``most`` exceeds its ``least`` matches any number of characters.
    """

    kind: ValueKind
    pieces: Pieces


@dataclass(frozen=True)
class Dates:
    """Printed between two dates, inclusive, given as numbers (20240730); None means no limit."""

    since: int | None
    until: int | None


@dataclass(frozen=True)
class Pages:
    """Printed on a page between two pages, inclusive."""

    first: int
    last: int


@dataclass(frozen=True)
class Numbers:
    """These articles, by number; not part of the query language, but used to combine other searches with a query."""

    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Not:
    """Articles that do not match."""

    part: Expression


@dataclass(frozen=True)
class And:
    """Articles that match all parts."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Or:
    """Articles that match any part."""

    parts: tuple[Expression, ...]


Expression = Text | Near | Value | Dates | Pages | Numbers | Not | And | Or


def wanted(expression: Expression) -> list[Text | Near]:
    """The words that a hit may show in its text, without excluded ones."""
    if isinstance(expression, Text | Near):
        return [expression]
    if isinstance(expression, And | Or):
        return [word for part in expression.parts for word in wanted(part)]
    return []


def conditions(expression: Expression) -> Expression | None:
    """What is left of a query if its words may be missing, for semantic search; None: nothing.

    Fields, dates and what is excluded are left, in brackets too: of ``(工会 版:2) OR (职工 版:3)`` either of the pages.
    """
    if isinstance(expression, Text | Near):
        return expression if expression.part else None
    if not isinstance(expression, And | Or):
        return expression
    kept = tuple(part for part in map(conditions, expression.parts) if part is not None)
    if not kept or (isinstance(expression, Or) and len(kept) < len(expression.parts)):
        return None
    return type(expression)(kept) if len(kept) > 1 else kept[0]
