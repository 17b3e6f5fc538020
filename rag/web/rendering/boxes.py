"""Boxes and polygons on a page's picture, as CSS."""

from __future__ import annotations

from collections.abc import Sequence

from index.regions import Box, Point


def box_style(box: Box) -> str:
    """Return a box in percent of the page."""
    sides = {"left": box.left, "top": box.top, "width": box.right - box.left, "height": box.bottom - box.top}
    return ";".join(f"{name}:{100 * value:.3f}%" for name, value in sides.items())


def corners(box: Box, points: Sequence[Point]) -> str:
    """Return the corners of a polygon in percent of its box."""
    wide, high = box.right - box.left, box.bottom - box.top
    placed = ((100 * (x - box.left) / wide, 100 * (y - box.top) / high) for x, y in points)
    return ",".join(f"{x:.2f}% {y:.2f}%" for x, y in placed)
