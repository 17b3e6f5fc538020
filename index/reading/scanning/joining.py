"""Separate the boxes of adjacent lines, and join boxes that are parts of one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .lines import THICKER, Rect, along, is_gutter, rules_across

_ONE_LINE = 0.7  # of the smaller thickness: minimum overlap of two boxes that are parts of one line
_AS_THICK = 0.8  # of the larger thickness: minimum of the smaller one
_DIGITS, _DIGITS_LENGTH = 0.5, 4.0  # of the larger thickness: the minimum thickness and maximum length of a few digits
_PART_WHITE, _PART_GAP = 1.3, 3.0  # of the type size: maximum white space between a line's parts, with marks between
_TOUCH = 0.6  # of the type size: maximum overlap
_BESIDE = 0.5  # of a box's length: minimum part of it that is next to another box


def apart(rects: Sequence[Rect]) -> list[Rect]:
    """Trim boxes that include parts of neighbouring lines with thinner boxes."""
    return [_apart(rect, rects) for rect in rects]


def _apart(rect: Rect, others: Sequence[Rect]) -> Rect:
    start, end, low, high = along(rect)
    middle = (low + high) / 2
    for other in others:
        from_, to, other_low, other_high = along(other)
        beside = min(end, to) - max(start, from_) >= _BESIDE * (end - start)
        if other.is_tall is not rect.is_tall or not beside or other_high - other_low >= high - low:
            continue
        if other_low >= middle:
            high = min(high, other_low)
        elif other_high <= middle:
            low = max(low, other_high)
    return replace(rect, left=low, right=high) if rect.is_tall else replace(rect, top=low, bottom=high)


def joined(rects: Sequence[Rect], ink: NDArray[np.bool_]) -> list[Rect]:
    """Rejoin lines that detection split at a mark or space, if no gutter and no rule is between their parts."""
    lines: list[Rect] = []
    for rect in sorted(rects, key=lambda rect: along(rect)[0]):
        number = next((n for n in range(len(lines) - 1, -1, -1) if _goes_on(lines[n], rect, ink)), None)
        if number is None:
            lines.append(rect)
        else:
            lines[number] = _around(lines[number], rect)
    return lines


def _goes_on(line: Rect, rect: Rect, ink: NDArray[np.bool_]) -> bool:
    """Whether a box contains the next part of a line."""
    if line.is_tall != rect.is_tall:
        return False
    _, end, low, high = along(line)
    start, _, rect_low, rect_high = along(rect)
    thin, thick = sorted((high - low, rect_high - rect_low))
    shared = min(high, rect_high) - max(low, rect_low)
    size = thick / THICKER
    shorter = min(along(part)[1] - along(part)[0] for part in (line, rect))
    least = _DIGITS if shorter <= _DIGITS_LENGTH * thick else _AS_THICK
    if thin < least * thick or shared < _ONE_LINE * thin or not -_TOUCH * size <= start - end <= _PART_GAP * size:
        return False
    whole = _around(line, rect)
    offset = along(whole)[0]
    gap = slice(max(0, end - offset), max(0, start - offset))
    if rules_across(whole, ink)[gap].any() or is_gutter((end - offset, start - offset), whole, ink, size):
        return False
    box = ink[whole.top : whole.bottom, whole.left : whole.right]
    between = box[gap] if rect.is_tall else box[:, gap].T
    filled = np.flatnonzero(between.sum(axis=1))
    return bool(np.diff([-1, *filled, len(between)]).max() - 1 <= _PART_WHITE * size)


def _around(a: Rect, b: Rect) -> Rect:
    return Rect(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))
