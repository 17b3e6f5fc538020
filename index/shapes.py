"""The shape of an article on a page: a polygon that leaves out what belongs to other articles in its rectangle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from .regions import Box, Point, Region, around

_ROWS = 256  # number of rows into which the page's height is divided
_SLACK = 0.004  # of the page: strips are merged if this adds no more area
_TOUCH = 0.002  # of the page: boxes that overlap by less are neighbours

Strip = tuple[float, float, float, float]  # left, top, right, bottom


def shape(regions: Sequence[Region], others: Sequence[Box] = ()) -> tuple[Point, ...]:
    """The corners of an article on one page, in fractions of it; empty if its rectangle is sufficient.

    A polygon given by the source is kept. Otherwise the rectangle is cut into strips across the page, each as wide as
    possible without including other articles, or into strips down the page, whichever covers less area.

    Args:
        regions: the regions of one article on one page.
        others: the places of other articles on that page.
    """
    given = [region for region in regions if region.points]
    if given:
        return given[0].points if len(given) == 1 else ()
    boxes = [region.box for region in regions]
    whole = around(boxes)
    foreign = [box for box in others if whole is not None and _overlap(box, whole)]
    if whole is None or not foreign:
        return ()
    across = _joined(_strips(boxes, foreign, whole))
    down = _joined(_strips([_turned(box) for box in boxes], [_turned(box) for box in foreign], _turned(whole)))
    if _area(across) <= _area(down):
        return _corners(across)
    return tuple((x, y) for y, x in _corners(down))


def _overlap(a: Box, b: Box) -> bool:
    wide, high = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    return wide > _TOUCH and high > _TOUCH


def _turned(box: Box) -> Box:
    return Box(box.top, box.left, box.bottom, box.right)


def _strips(boxes: Sequence[Box], others: Sequence[Box], whole: Box) -> list[Strip]:
    """Cut the rectangle into strips from top to bottom, each without the parts next to the article's own."""
    own, foreign = _by_row(boxes), _by_row(others)
    first = min(own)
    found: list[Strip] = []
    left, right = whole.left, whole.right
    for row in range(first, max(own) + 1):
        # rows without lines of the article are as wide as the row above
        beside = own.get(row, [Box(left, 0.0, right, 0.0)])
        reach = min(box.left for box in beside), max(box.right for box in beside)
        left = max([whole.left, *(box.right for box in foreign.get(row, ()) if box.right <= reach[0] + _TOUCH)])
        right = min([whole.right, *(box.left for box in foreign.get(row, ()) if box.left >= reach[1] - _TOUCH)])
        if not found or (left, right) != (found[-1][0], found[-1][2]):
            found.append((left, row / _ROWS, right, 0.0))
    edges = [whole.top, *(top for _, top, _, _ in found[1:]), whole.bottom]
    return [(strip[0], top, strip[2], bottom) for strip, (top, bottom) in zip(found, pairwise(edges), strict=True)]


def _by_row(boxes: Sequence[Box]) -> dict[int, list[Box]]:
    rows: dict[int, list[Box]] = {}
    for box in boxes:
        for row in range(int(box.top * _ROWS), max(int(box.top * _ROWS) + 1, math.ceil(box.bottom * _ROWS))):
            rows.setdefault(row, []).append(box)
    return rows


def _joined(strips: Sequence[Strip]) -> list[Strip]:
    """Merge neighbouring strips, most similar first, so that ragged lines and indents do not create corners."""
    held = list(strips)
    added = [_added(a, b) for a, b in pairwise(held)]
    while added and min(added) <= _SLACK:
        at = added.index(min(added))
        held[at : at + 2] = [_both(held[at], held[at + 1])]
        first = max(0, at - 1)
        added[first : at + 2] = [_added(a, b) for a, b in pairwise(held[first : at + 2])]
    return held


def _added(a: Strip, b: Strip) -> float:
    return _area([_both(a, b)]) - _area([a, b])


def _both(a: Strip, b: Strip) -> Strip:
    return min(a[0], b[0]), a[1], max(a[2], b[2]), b[3]


def _area(strips: Sequence[Strip]) -> float:
    return sum((right - left) * (bottom - top) for left, top, right, bottom in strips)


def _corners(strips: Sequence[Strip]) -> tuple[Point, ...]:
    """The corners, down the right side and up the left; empty for a single strip."""
    if len(strips) < 2:
        return ()
    right = [corner for _, top, side, bottom in strips for corner in ((side, top), (side, bottom))]
    left = [corner for side, top, _, bottom in reversed(strips) for corner in ((side, bottom), (side, top))]
    return tuple(dict.fromkeys([*right, *left]))
