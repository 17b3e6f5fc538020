"""Lines of running text as blocks: what formats without headings give."""

from __future__ import annotations

from collections.abc import Iterable

from ...blocks import Block, Form
from ...content.characters import clean

CELL = "\x07"  # parts the cells of a table's row


def line_blocks(lines: Iterable[str]) -> list[Block]:
    """A block a line: a table's row where ``CELL`` parts its cells, else text."""
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
