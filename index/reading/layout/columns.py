"""Turn lines with positions, from a PDF's text layer or from recognition, into blocks in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from ...regions import Sheet, around
from ..blocks import Block, Form
from .cutting import reading_order, usual_size
from .lines import Line, Rule
from .places import Place, mean
from .sizes import set_levels

_HEADING = 1.25  # times the usual size: a larger line is a headline
_ALIKE = 1.12  # maximum ratio of the heights of lines in one headline
_HARDLY_ALIKE = 1.3  # the same, if a line is recognised and too short to measure its size
_LEAST_SURE = 4  # minimum characters of a recognised line to measure its size
_LEADING = 1.2  # of the line's height: maximum white space between lines of one headline
_STANDING_GAP = 0.5  # of a character's width: maximum white space between characters of a vertical line
_NOWHERE = Sheet()
_INDENT = 0.8  # of the line's height: minimum indent of a line that begins a paragraph


def layout_blocks(
    lines: Sequence[Line], heading: float = _HEADING, sheet: Sheet = _NOWHERE, rules: Sequence[Rule] = ()
) -> list[Block]:
    """Blocks in reading order: larger lines become headings, the lines of a paragraph become one block.

    Args:
        heading: minimum height of a heading, as a multiple of the usual height.
        sheet: the page image.
        rules: the rules printed between columns and articles.
    """
    if not lines:
        return []
    usual = usual_size(lines)
    blocks: list[Block] = []
    sizes: list[float] = []
    before: Line | None = None
    for column in reading_order(lines, heading, rules):
        left = min(line.left for line in column)
        if blocks and blocks[-1].form is not Form.HEADING:  # a headline over columns is separated line by line
            before = None
        for line in column:
            large = line.height >= heading * usual and any(character.isalnum() for character in line.text)
            form = Form.HEADING if large else Form.TEXT
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


def vertical_blocks(
    pieces: Sequence[Line], heading: float = _HEADING, sheet: Sheet = _NOWHERE, rules: Sequence[Rule] = ()
) -> list[Block]:
    """The blocks of a page with vertical lines, which are read from right to left, in tiers from the top.

    Rotated by 90°, such a page has horizontal lines in columns, and is read like that.

    Args:
        pieces: single characters or parts of vertical lines; horizontal lines are used as they are.
    """
    lines = [*(line for line in pieces if line.lies), *_standing_lines([line for line in pieces if not line.lies])]
    reach = max((line.right for line in lines), default=0.0)
    turned_rules = [Rule(rule.top, reach - rule.right, rule.bottom, reach - rule.left) for rule in rules]
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
    return layout_blocks(turned, heading, sheet, turned_rules)


def _goes_on(block: Block, form: Form, before: Line, line: Line, *, indented: bool) -> bool:
    """Whether a line continues the block of the line above it: a headline's second line, or a paragraph."""
    if block.form is not form:
        return False
    if form is Form.TEXT:
        return not indented
    unsure = line.confidence is not None and len(line.text) < _LEAST_SURE
    alike = max(before.height, line.height) <= (_HARDLY_ALIKE if unsure else _ALIKE) * min(before.height, line.height)
    below = -line.height / 2 < line.top - before.bottom < _LEADING * line.height
    return alike and below and min(before.right, line.right) > max(before.left, line.left)


def _places(line: Line, sheet: Sheet) -> tuple[Place, ...]:
    return (Place(line.text, line.box, sheet, line.confidence, doubtful=line.doubtful),) if line.box is not None else ()


def _standing_lines(characters: Sequence[Line]) -> list[Line]:
    """Join characters that are closely stacked into vertical lines."""
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
    """Join the pieces of one line."""
    starts = accumulate((len(piece.text) for piece in pieces), initial=0)
    return Line(
        min(piece.left for piece in pieces),
        min(piece.top for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.bottom for piece in pieces),
        "".join(piece.text for piece in pieces),
        mean(piece.confidence for piece in pieces),
        box=around(piece.box for piece in pieces if piece.box is not None),
        doubtful=tuple(start + at for start, piece in zip(starts, pieces, strict=False) for at in piece.doubtful),
    )


def _vertical_columns(characters: Sequence[Line]) -> list[list[Line]]:
    """Group stacked characters into columns, from right to left."""
    columns: list[list[Line]] = []
    for character in sorted(characters, key=lambda c: -(c.left + c.right)):
        middle = (character.left + character.right) / 2
        if columns and columns[-1][0].left <= middle <= columns[-1][0].right:
            columns[-1].append(character)
        else:
            columns.append([character])
    return [sorted(column, key=lambda character: character.top) for column in columns]
