"""Reading order of a laid-out page: lines with places, from a PDF's text layer or from character recognition.

The order is found by recursive cuts along white space (XY-cut: Nagy and Seth, 1984): a page is cut across where a white
band runs through its whole width, else down the widest white gutter, and so on inside each part.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .blocks import Block, Form

_GUTTER = 0.6  # of the usual line height: the least width of a white gutter between columns
_BAND = 0.9  # of the usual line height: the least height of a white band across columns
_HEADING = 1.25  # times the usual line height: a line set larger is a headline
_INDENT = 0.8  # of the line's height: a line set in this far begins a paragraph


@dataclass(frozen=True)
class Line:
    """A line of text and its box; ``top`` grows downward. Units are the page's own."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def height(self) -> float:
        """Height of its box, near its type size."""
        return self.bottom - self.top


def reading_order(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines in the order in which they are read, in columns."""
    if not lines:
        return []
    usual = statistics.median(line.height for line in lines)
    return _cut(list(lines), usual)


def _cut(lines: list[Line], usual: float) -> list[list[Line]]:
    columns = _split(lines, lambda line: (line.left, line.right), _GUTTER * usual)
    rows = _split(lines, lambda line: (line.top, line.bottom), _BAND * usual)
    for parts in (rows if _spans_columns(rows, usual) else [], columns, rows):
        if len(parts) > 1:
            return [column for part in parts for column in _cut(part, usual)]
    return [sorted(lines, key=lambda line: (line.top, line.left))]


def _spans_columns(rows: Sequence[Sequence[Line]], usual: float) -> bool:
    """Whether a band sets apart a headline over columns: a line as wide as the part, or one set larger, alone."""
    if len(rows) < 2:
        return False
    lines = [line for row in rows for line in row]
    width = max(line.right for line in lines) - min(line.left for line in lines)
    return any(
        (len(row) == 1 and row[0].right - row[0].left > 0.6 * width)
        or all(line.height >= _HEADING * usual for line in row)
        for row in rows
    )


def _split(lines: list[Line], side: Callable[[Line], tuple[float, float]], gap: float) -> list[list[Line]]:
    """Parts between which ``gap`` of white lies, in order."""
    parts: list[list[Line]] = []
    reach = float("-inf")
    for line in sorted(lines, key=side):
        start, end = side(line)
        if not parts or start - reach >= gap:
            parts.append([])
        parts[-1].append(line)
        reach = max(reach, end)
    return parts


def layout_blocks(lines: Sequence[Line], heading: float = _HEADING) -> list[Block]:
    """Blocks in reading order: larger lines are headings, the lines of a paragraph are one block.

    Args:
        heading: times the usual height from which on a line is a heading.
    """
    if not lines:
        return []
    usual = statistics.median(line.height for line in lines)
    sizes = sorted({round(line.height / usual, 1) for line in lines if line.height >= heading * usual}, reverse=True)
    blocks: list[Block] = []
    for column in reading_order(lines):
        left = min(line.left for line in column)
        open_paragraph = False
        for line in column:
            size = round(line.height / usual, 1)
            if size in sizes:
                level = min(6, 1 + sizes.index(size))
                blocks.append(Block(Form.HEADING, line.text, len(blocks) + 1, level=level, gap=True))
                open_paragraph = False
            elif open_paragraph and line.left - left < _INDENT * line.height:
                blocks[-1].text += line.text
            else:
                blocks.append(Block(Form.TEXT, line.text, len(blocks) + 1, gap=True))
                open_paragraph = True
    return blocks


def vertical_blocks(characters: Sequence[Line]) -> list[Block]:
    """Blocks of a page set in vertical columns, which are read from right to left; ``characters`` stand alone."""
    columns = _vertical_columns(characters)
    usual = statistics.median(character.height for character in characters)
    blocks: list[Block] = []
    top = min(character.top for character in characters)
    open_paragraph = False
    for column in columns:
        size = statistics.median(character.height for character in column)
        text = "".join(character.text for character in column)
        if size >= _HEADING * usual:
            blocks.append(Block(Form.HEADING, text, len(blocks) + 1, level=1, gap=True))
            open_paragraph = False
        elif open_paragraph and column[0].top - top < _INDENT * usual:
            blocks[-1].text += text
        else:
            blocks.append(Block(Form.TEXT, text, len(blocks) + 1, gap=True))
            open_paragraph = True
    return blocks


def _vertical_columns(characters: Sequence[Line]) -> list[list[Line]]:
    """Characters that stand over one another, column by column from the right."""
    columns: list[list[Line]] = []
    for character in sorted(characters, key=lambda c: -(c.left + c.right)):
        middle = (character.left + character.right) / 2
        if columns and columns[-1][0].left <= middle <= columns[-1][0].right:
            columns[-1].append(character)
        else:
            columns.append([character])
    return [sorted(column, key=lambda character: character.top) for column in columns]
