"""Lines of text and printed rules, as the layout of a page sees them."""

from __future__ import annotations

from dataclasses import dataclass

from ...regions import Box

_LYING = 1.5  # times its height: the width from which on a line plainly lies


@dataclass(frozen=True)
class Line:
    """A line of text and where the layout sees it; ``top`` grows downward. Units are the page's own.

    ``confidence``: the recognition's own; None where the text was not recognised. ``size``: of its type, 0 where its
    height must tell. ``box``: its place on the page's picture, where it is known.
    """

    left: float
    top: float
    right: float
    bottom: float
    text: str
    confidence: float | None = None
    size: float = 0.0
    box: Box | None = None

    @property
    def height(self) -> float:
        """Its type's size, or else the height of its box."""
        return self.size or self.bottom - self.top

    @property
    def lies(self) -> bool:
        """Whether it is plainly wider than high."""
        return self.right - self.left > _LYING * (self.bottom - self.top)


@dataclass(frozen=True)
class Rule:
    """A line printed between articles or columns, in the units of the page's lines."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def stands(self) -> bool:
        """Whether it parts what is left of it from what is right."""
        return self.bottom - self.top > self.right - self.left
