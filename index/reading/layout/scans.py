"""Turn the recognised lines of an image into blocks, laid out as if the page were straight, in either direction."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ...regions import Sheet
from ..blocks import Block
from .columns import layout_blocks, vertical_blocks
from .lines import Line, Rule
from .places import fractions

_LEAST_CONFIDENCE = 0.5
_DOUBTFUL = 0.8  # probability below which a character is marked: half of the misread ones (benchmarks/trials.md)
_STANDING = 1.5  # times its width: minimum height of a vertical line
_LEAST_WIDE = 4  # minimum Chinese characters for measuring the type size by their spacing
_MOSTLY_WIDE = 0.6  # minimum share of the characters
_NARROW = 0.55  # of a Chinese character's width: the width of a Latin letter or digit
_LEAST_SKEW = math.radians(0.05)
_MOST_SKEW = math.radians(15)

# In vertical lines, a point or dash fills a whole character cell, where it looks like other marks. In horizontal
# lines they differ: 7·21 is a date, and 99 of 20,000 articles have such a dot between digits.
_POINT = re.compile(r"(?<=\d)[．·・](?=\d)")
_DASH = re.compile(r"(?<=\d)一(?=\d)")

Corners = Sequence[Sequence[float]]  # of a line: clockwise from the upper left, (across, down) in pixels
Sides = tuple[float, float, float, float]


class RecognisedLine(NamedTuple):
    """A line's place, its text, the confidence from 0 to 1, and that of each character, if known."""

    corners: Corners
    text: str
    confidence: float
    sure: Sequence[float] = ()


def recognised_blocks(found: Sequence[RecognisedLine], sheet: Sheet, rules: Sequence[Corners] = ()) -> list[Block]:
    """The blocks of recognised lines.

    A skewed page is laid out as if it were straight; if most of its text is vertical, it is read as vertical.

    Args:
        rules: the corners of the rules printed between columns and articles.
    """
    read = [line for line in found if line.confidence >= _LEAST_CONFIDENCE]
    skew = _skew([line.corners for line in read])
    straight = [_hull(_turned(line.corners, -skew)) for line in read]
    thicker = _thickness(straight, [line.text for line in read])
    lines = []
    for (corners, text, confidence, sure), sides in zip(read, straight, strict=True):
        box = fractions(*_hull(corners), sheet.width, sheet.height)
        size = _type_size(text, sides, thicker)
        doubtful = tuple(offset for offset, probability in enumerate(sure) if probability < _DOUBTFUL)
        line = Line(*_without_margin(sides, size), text, confidence, size, box, doubtful)
        lines.append(replace(line, text=_mended(text)) if _stands(line) else line)
    between = [Rule(*_hull(_turned(corners, -skew))) for corners in rules]
    standing = sum(len(line.text) for line in lines if _stands(line))
    vertical = standing > sum(len(line.text) for line in lines) / 2
    return (vertical_blocks if vertical else layout_blocks)(lines, sheet=sheet, rules=between)


def _mended(text: str) -> str:
    """A vertical line's text with corrected marks between digits: 3・4公里 becomes 3.4公里, 25一30度 25—30度."""
    return _DASH.sub("—", _POINT.sub(".", text))


def _spacing(text: str, sides: Sides) -> float:
    """The distance between a line's characters, which is its type size; 0 if too few of them are Chinese."""
    wide = sum(character >= "\u2e80" for character in text)
    if wide < _LEAST_WIDE or wide < _MOSTLY_WIDE * len(text):
        return 0.0
    left, top, right, bottom = sides
    return max(right - left, bottom - top) / (wide + _NARROW * (len(text) - wide))


def _thick(sides: Sides) -> float:
    left, top, right, bottom = sides
    return min(right - left, bottom - top)


def _thickness(boxes: Sequence[Sides], texts: Sequence[str]) -> float:
    """The ratio of the thickness of the page's boxes to their type size; the margin differs from line to line."""
    ratios = [
        _thick(sides) / space for sides, text in zip(boxes, texts, strict=True) if (space := _spacing(text, sides))
    ]
    return max(1.0, statistics.median(ratios)) if ratios else 1.0


def _type_size(text: str, sides: Sides, thicker: float) -> float:
    """A line's type size: the spacing of its Chinese characters, or else the thickness of its box without margin."""
    thick, space = _thick(sides), _spacing(text, sides)
    if space and all(character >= "\u2e80" for character in text):
        return min(thick, space)
    return min(thick / thicker, space) if space else thick / thicker


def _without_margin(sides: Sides, size: float) -> Sides:
    """A line's box, reduced to the thickness of its type."""
    left, top, right, bottom = sides
    spare = (_thick(sides) - size) / 2
    if bottom - top > right - left:
        return left + spare, top, right - spare, bottom
    return left, top + spare, right, bottom - spare


def _stands(line: Line) -> bool:
    return line.bottom - line.top > _STANDING * (line.right - line.left)


def _skew(boxes: Sequence[Corners]) -> float:
    """The angle by which the page is rotated, from the long sides of most longer lines; 0 below 0.2°."""
    angles = []
    for corners in boxes:
        (left, top), (right, upper), _, (lower_left, lower) = (corners[index] for index in range(4))
        across, down = math.hypot(right - left, upper - top), math.hypot(lower_left - left, lower - top)
        if across > 4 * down:
            angles.append(math.atan2(upper - top, right - left))
        elif down > 4 * across:
            angles.append(math.atan2(left - lower_left, lower - top))
    skew = statistics.median(angles) if len(angles) >= 3 else 0.0
    return skew if _LEAST_SKEW <= abs(skew) <= _MOST_SKEW else 0.0


def _turned(corners: Corners, angle: float) -> Corners:
    cosine, sine = math.cos(angle), math.sin(angle)
    return [(x * cosine - y * sine, x * sine + y * cosine) for x, y in corners]


def _hull(corners: Corners) -> tuple[float, float, float, float]:
    across, down = [point[0] for point in corners], [point[1] for point in corners]
    return min(across), min(down), max(across), max(down)
