"""Derive heading levels from type sizes, for pages that give sizes but no levels."""

from __future__ import annotations

from collections.abc import Sequence

from ..blocks import Block, Form

_SUBHEAD = 1.35  # times the usual size: a single smaller heading may be a subhead


def set_levels(blocks: Sequence[Block], sizes: Sequence[float], usual: float) -> None:
    """Assign heading levels: the largest of consecutive headings is level 1, whatever other headings the page has.

    A single heading that is hardly larger than the text is one level lower, like a subhead.

    Args:
        sizes: the type size of each block; those of text do not matter.
    """
    start = 0
    while start < len(blocks):
        end = start
        while end < len(blocks) and blocks[end].form is Form.HEADING:
            end += 1
        ranks = sorted({round(size / usual, 1) if usual else 0.0 for size in sizes[start:end]}, reverse=True)
        for block, size in zip(blocks[start:end], sizes[start:end], strict=True):
            block.level = min(6, 1 + ranks.index(round(size / usual, 1) if usual else 0.0))
        if end - start == 1 and usual and sizes[start] < _SUBHEAD * usual:
            blocks[start].level = 2
        start = max(end, start + 1)
