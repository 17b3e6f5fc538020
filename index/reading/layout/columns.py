"""Reading order of a laid-out page: lines with places, from a PDF's text layer or from character recognition.

The order is found by recursive cuts along white space (XY-cut: Nagy and Seth, 1984): a page is cut across where a white
band runs through its whole width, else down the widest white gutter, and so on inside each part.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ...regions import Box, Sheet, around
from ..blocks import Block, Form
from .places import Place, mean
from .sizes import set_levels

_GUTTER = 0.6  # of the usual line height: the least width of a white gutter between columns
_BAND = 0.9  # of the usual line height: the least height of a white band across columns
_HEADING = 1.25  # times the usual line height: a line set larger is a headline
_ALIKE = 1.12  # how much the lines of one headline may differ in height
_LEADING = 1.2  # of the line's height: the most white between the lines of one headline
_STANDING_GAP = 0.5  # of a character's width: the most white between characters of one vertical line
_ASTRAY = 0.06  # of a part's lines: the most that may run over a gutter
_LEAST_COLUMN = 4  # lines that make a column where some run over its gutter
_LYING = 1.5  # times its height: the width from which on a line plainly lies
_NOWHERE = Sheet()
_INDENT = 0.8  # of the line's height: a line set in this far begins a paragraph


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


def reading_order(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines in the order in which they are read, in columns."""
    if not lines:
        return []
    usual = statistics.median(line.height for line in lines)
    return _cut(list(lines), usual)


def _cut(lines: list[Line], usual: float) -> list[list[Line]]:
    columns = _split(lines, lambda line: (line.left, line.right), _GUTTER * usual)
    rows = _split(lines, lambda line: (line.top, line.bottom), _BAND * usual)
    for parts in (_modules(rows, usual) if _spans_columns(rows, usual) else [], columns, rows):
        if len(parts) > 1:
            return [column for part in parts for column in _cut(part, usual)]
    if halves := _halves(lines, usual):
        return [column for half in halves for column in _cut(half, usual)]
    return [sorted(lines, key=lambda line: (line.top, line.left))]


def _halves(lines: list[Line], usual: float) -> list[list[Line]]:
    """Two columns of which a few lines, recognised as one, run over the gutter; empty where there are none."""
    if usual <= 0:
        return []
    margin = _GUTTER * usual / 2
    allowed = _ASTRAY * len(lines)
    best: tuple[int, float] | None = None
    for step in sorted({round(line.right / margin) + 1 for line in lines}):  # few places, however many lines
        place = step * margin
        crossing = sum(line.left < place - margin and line.right > place + margin for line in lines)
        before = [line for line in lines if line.right <= place + margin]
        after = [line for line in lines if line.left >= place - margin]
        if crossing <= allowed and _stand_beside(before, after) and (best is None or crossing < best[0]):
            best = crossing, place
    if best is None:
        return []
    left = [line for line in lines if line.left < best[1] - margin]
    return [left, [line for line in lines if line.left >= best[1] - margin]]


def _stand_beside(before: list[Line], after: list[Line]) -> bool:
    """Whether two groups of lines are columns of one part: of some lines each, and of one height for the most part."""
    if min(len(before), len(after)) < _LEAST_COLUMN:
        return False
    spans = [(min(line.top for line in side), max(line.bottom for line in side)) for side in (before, after)]
    shared = min(end for _, end in spans) - max(start for start, _ in spans)
    return shared > min(end - start for start, end in spans) / 2


def _modules(rows: list[list[Line]], usual: float) -> list[list[Line]]:
    """Rows, with those together that hold articles side by side: a row of several headlines and the text below it."""
    modules: list[list[Line]] = []
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and _is_large(rows[end], usual):
            end += 1
        heads = [line for row in rows[start:end] for line in row]
        while heads and end < len(rows) and not _is_large(rows[end], usual):
            end += 1
        module = [line for row in rows[start:end] for line in row]
        if not (heads and _are_side_by_side(heads, module, usual)):
            module, end = rows[start], start + 1
        modules.append(module)
        start = end
    return modules


def _is_large(row: Sequence[Line], usual: float) -> bool:
    return all(line.height >= _HEADING * usual for line in row)


def _are_side_by_side(heads: list[Line], module: list[Line], usual: float) -> bool:
    """Whether a gutter that runs through headlines and text has headlines on both its sides."""
    columns = _split(module, lambda line: (line.left, line.right), _GUTTER * usual)
    large = set(heads)
    return sum(any(line in large for line in column) for column in columns) > 1


def _spans_columns(rows: Sequence[Sequence[Line]], usual: float) -> bool:
    """Whether a band sets apart a headline over columns: a line as wide as the part, or one set larger, alone."""
    if len(rows) < 2:
        return False
    lines = [line for row in rows for line in row]
    width = max(line.right for line in lines) - min(line.left for line in lines)
    return any((len(row) == 1 and row[0].right - row[0].left > 0.6 * width) or _is_large(row, usual) for row in rows)


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


def layout_blocks(lines: Sequence[Line], heading: float = _HEADING, sheet: Sheet = _NOWHERE) -> list[Block]:
    """Blocks in reading order: larger lines are headings, the lines of a paragraph are one block.

    Args:
        heading: times the usual height from which on a line is a heading.
        sheet: the page's picture.
    """
    if not lines:
        return []
    usual = statistics.median(line.height for line in lines)
    blocks: list[Block] = []
    sizes: list[float] = []
    for column in reading_order(lines):
        left = min(line.left for line in column)
        before: Line | None = None
        for line in column:
            form = Form.HEADING if line.height >= heading * usual else Form.TEXT
            indented = line.left - left >= _INDENT * line.height
            if before is not None and _goes_on(blocks[-1], form, before, line, indented=indented):
                blocks[-1].text += line.text
                blocks[-1].places += _places(line, sheet)
            else:
                blocks.append(Block(form, line.text, len(blocks) + 1, gap=True, places=_places(line, sheet)))
                sizes.append(line.height)
            before = line
    set_levels(blocks, sizes, usual)
    return blocks


def vertical_blocks(pieces: Sequence[Line], heading: float = _HEADING, sheet: Sheet = _NOWHERE) -> list[Block]:
    """Blocks of a page set in vertical lines, which are read from right to left, in tiers from the top.

    Turned by a quarter, such a page is one of horizontal lines in columns, and is read as that.

    Args:
        pieces: characters that stand alone, or parts of vertical lines; lines that lie are taken as they are.
    """
    lines = [*(line for line in pieces if line.lies), *_standing_lines([line for line in pieces if not line.lies])]
    reach = max((line.right for line in lines), default=0.0)
    turned = [
        replace(
            line,
            left=line.top,
            top=reach - line.right,
            right=line.bottom,
            bottom=reach - line.left,
            size=line.bottom - line.top if line.lies else line.right - line.left,
        )
        for line in lines
    ]
    return layout_blocks(turned, heading, sheet)


def _goes_on(block: Block, form: Form, before: Line, line: Line, *, indented: bool) -> bool:
    """Whether a line goes on in the block of the one above it: a headline in a second line, or a paragraph."""
    if block.form is not form:
        return False
    if form is Form.TEXT:
        return not indented
    alike = max(before.height, line.height) <= _ALIKE * min(before.height, line.height)
    below = -line.height / 2 < line.top - before.bottom < _LEADING * line.height
    return alike and below


def _places(line: Line, sheet: Sheet) -> tuple[Place, ...]:
    return (Place(line.text, line.box, sheet, line.confidence),) if line.box is not None else ()


def _standing_lines(characters: Sequence[Line]) -> list[Line]:
    """Characters that stand close over one another as vertical lines."""
    lines: list[list[Line]] = []
    for column in _vertical_columns(characters):
        lines.append([column[0]])
        for above, character in pairwise(column):
            if character.top - above.bottom > _STANDING_GAP * min(_width(above), _width(character)):
                lines.append([])
            lines[-1].append(character)
    return [_whole(line) for line in lines]


def _width(line: Line) -> float:
    return line.right - line.left


def _whole(pieces: Sequence[Line]) -> Line:
    """Pieces of one line as that line."""
    return Line(
        min(piece.left for piece in pieces),
        min(piece.top for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.bottom for piece in pieces),
        "".join(piece.text for piece in pieces),
        mean(piece.confidence for piece in pieces),
        box=around(piece.box for piece in pieces if piece.box is not None),
    )


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
