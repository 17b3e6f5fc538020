"""Lines of running text as blocks, for formats without headings."""

from __future__ import annotations

from collections.abc import Iterable

from ...blocks import Block, Form
from ...content.characters import clean

CELL = "\x07"  # separates the cells of a table row


def line_blocks(lines: Iterable[str]) -> list[Block]:
    """One block per line: a table row if it contains ``CELL``, else text."""
    blocks = []
    for number, line in enumerate(lines, 1):
        cells = [" ".join(clean(cell).split()) for cell in line.split(CELL)]
        filled = [cell for cell in cells if cell]
        if len(filled) > 1:
            blocks.append(Block(Form.TABLE, " | ".join(cell for cell in cells if cell), number))
        elif filled:
            indented = line[:1] in "\u3000\t" or line[:2] == "  "
            blocks.append(Block(Form.TEXT, filled[0], number, indented=indented, gap=True))
    return blocks
