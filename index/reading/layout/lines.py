"""Lines of text and printed rules, as used in page layout."""

from __future__ import annotations

from dataclasses import dataclass

from ...regions import Box

_LYING = 1.5  # times its height: minimum width of a line that is clearly horizontal


@dataclass(frozen=True)
class Line:
    """A line of text and its position; ``top`` grows downwards. Units are the page's own.

    ``confidence``: from recognition; None if the text was not recognised. ``size``: the type size, 0 if only the height
    is known. ``box``: its place on the page image, if known. ``doubtful``: offsets of characters that may be misread.
    """

    left: float
    top: float
    right: float
    bottom: float
    text: str
    confidence: float | None = None
    size: float = 0.0
    box: Box | None = None
    doubtful: tuple[int, ...] = ()

    @property
    def height(self) -> float:
        """The type size, or else the height of the box."""
        return self.size or self.bottom - self.top

    @property
    def lies(self) -> bool:
        """Whether it is clearly wider than high."""
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
        """Whether it is vertical, so that it separates left from right."""
        return self.bottom - self.top > self.right - self.left
