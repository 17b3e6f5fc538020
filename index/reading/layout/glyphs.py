"""Join characters, in the order a file draws them, into horizontal or vertical lines of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ...regions import around
from .lines import Line

_ROW = 0.4  # of the size: how far characters may be offset from their line
_BACK = 0.5  # of the size: how far a character may overlap the one before it
_FORTH = 0.5  # of the size: maximum white space between characters of one line
_SPACE = 0.2  # of the size: minimum white space between Latin words
_SCATTERED = 0.7  # of the characters: if vertical lines are drawn row by row, the characters follow no line
_LEAST_SCATTERED = 10
_ALIKE = 1.3  # maximum ratio of the sizes within a line
_LATIN = re.compile(r"[A-Za-z0-9,.;:)%]\Z")
_LATIN_START = re.compile(r"[A-Za-z0-9(]")


def lines_of(glyphs: Iterable[Line]) -> tuple[list[Line], bool]:
    """Join characters into lines; also returns whether most of the text is in vertical lines.

    Args:
        glyphs: single characters in drawing order.
    """
    lying: list[list[Line]] = []
    standing: list[list[Line]] = []
    alone: list[list[Line]] = []
    for run, direction in _runs(glyphs):
        {"lying": lying, "standing": standing, "": alone}[direction].append(run)
    flat, upright = sum(map(len, lying)), sum(map(len, standing))
    scattered = len(alone) > _SCATTERED * (flat + upright + len(alone)) and len(alone) > _LEAST_SCATTERED
    if upright > flat or scattered:
        lines = [*(_line(run, vertical=True) for run in standing), *map(_line, (*lying, *alone))]
    else:
        lines = _rejoined([_line(run) for run in (*lying, *alone, *([glyph] for run in standing for glyph in run))])
    return [line for line in lines if line.text.strip()], upright > flat or scattered


def _runs(glyphs: Iterable[Line]) -> Iterator[tuple[list[Line], str]]:
    """Yield runs of characters in one line, with the line's direction; empty for a single character."""
    run: list[Line] = []
    direction = ""
    for glyph in glyphs:
        step = _step(run[-1], glyph) if run else ""
        if step and direction in ("", step):
            run.append(glyph)
            direction = step
            continue
        if run:
            yield run, direction
        run, direction = [glyph], ""
    if run:
        yield run, direction


def _step(before: Line, glyph: Line) -> str:
    """The direction in which one character follows another; empty if it does not."""
    size = max(before.height, glyph.height)
    if size > _ALIKE * min(before.height, glyph.height):
        return ""
    across, down = glyph.left - before.right, glyph.top - before.bottom
    if abs(glyph.bottom - before.bottom) < _ROW * size and -_BACK * size < across < _FORTH * size:
        return "lying"
    middle = (glyph.left + glyph.right - before.left - before.right) / 2
    if abs(middle) < _ROW * size and -_BACK * size < down < _FORTH * size:
        return "standing"
    return ""


def _line(parts: Sequence[Line], *, vertical: bool = False) -> Line:
    shown = [at for at, part in enumerate(parts) if part.text.strip()]
    parts = parts[shown[0] : shown[-1] + 1] if shown else parts[:1]  # indenting spaces are not part of the line
    text = ""
    for number, part in enumerate(parts):
        if number and not vertical and _words_apart(text, parts[number - 1], part):
            text += " "
        text += part.text
    boxes = [part.box for part in parts if part.box is not None]
    return Line(
        min(part.left for part in parts),
        min(part.top for part in parts),
        max(part.right for part in parts),
        max(part.bottom for part in parts),
        text,
        size=max(part.height for part in parts),
        box=around(boxes),
    )


def _words_apart(text: str, before: Line, after: Line) -> bool:
    apart = after.left - before.right > _SPACE * after.height
    return apart and _LATIN.search(text) is not None and _LATIN_START.match(after.text) is not None


def _rejoined(parts: Sequence[Line]) -> list[Line]:
    """Rejoin parts of horizontal lines that were drawn separately."""
    rows: list[list[Line]] = []
    for part in sorted(parts, key=lambda line: (round(line.bottom), line.left)):
        row = rows[-1] if rows else []
        if row and _step(row[-1], part) == "lying":
            row.append(part)
        else:
            rows.append([part])
    return [_line(row) for row in rows]
