"""Type sizes as levels of headings, on pages that show sizes and name no levels."""

from __future__ import annotations

from collections.abc import Sequence

from ..blocks import Block, Form

_SUBHEAD = 1.35  # times the usual size: a lone heading set smaller may be a subhead


def set_levels(blocks: Sequence[Block], sizes: Sequence[float], usual: float) -> None:
    """Give headings their levels: the largest of those that follow each other is 1, whatever the page's others are.

    A lone one that is hardly larger than the text is a level below, as a subhead would be.

    Args:
        sizes: of each block's type; of text they do not matter.
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
