"""Boxes of lines on a straight page: cut where detection took two columns for one line, and trimmed to the ink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_THICKER = 1.2  # times the type's size: how thick boxes are
_GUTTER = 1.5  # of the type's size: white within a line is less, even between marks that fill half their places
_INK = 0.32  # of the way from the paper's grey to the ink's: a dot as dark is ink
_RULE = 0.85  # of a line's thickness and half as much on both sides: ink that goes through is a rule between columns
_SLIVER = 0.8  # of the type's size: less at a box's end is the edge of the next column's line
_MARGIN = 0.12  # of the type's size, left around the ink
_TALL = 1.5  # times its width: from which height on a box is a vertical line


@dataclass(frozen=True, slots=True)
class Rect:
    """A box in dots; ``right`` and ``bottom`` are the first dots outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def is_tall(self) -> bool:
        """Whether it holds a vertical line, or one that lies on its side."""
        return self.bottom - self.top >= _TALL * (self.right - self.left)

    def of(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What of a picture lies in it."""
        return picture[self.top : self.bottom, self.left : self.right]


def inked(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which dots of a page are ink; the paper may be darker in some places than in others."""
    import cv2

    scale = min(1.0, 400 / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((7, 7), np.uint8)), 21)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    dark = float(np.percentile(grey, 1))
    soft = cv2.GaussianBlur(grey, (3, 3), 0).astype(np.float32)
    found: NDArray[np.bool_] = soft < paper - _INK * np.maximum(paper - dark, 40)
    return found


def cut_at_gutters(rect: Rect, ink: NDArray[np.bool_]) -> Iterator[Rect]:
    """The parts of a detected line between wide white, each trimmed to its ink."""
    box = ink[rect.top : rect.bottom, rect.left : rect.right]
    thickness = box.shape[1] if rect.is_tall else box.shape[0]
    size = thickness / _THICKER
    filled = box.any(axis=1 if rect.is_tall else 0)
    filled &= ~_rules(rect, ink)
    start = rect.top if rect.is_tall else rect.left
    margin = round(_MARGIN * size)
    parts = list(_runs(filled, _GUTTER * size))
    for first, last in parts:
        at_end = first == 0 or last == len(filled)
        if len(parts) > 1 and at_end and last - first < _SLIVER * size:
            continue
        low, high = start + max(0, first - margin), start + min(len(filled), last + margin)
        if rect.is_tall:
            yield Rect(rect.left, low, rect.right, high)
        else:
            yield Rect(low, rect.top, high, rect.bottom)


def _rules(rect: Rect, ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which dots along a line belong to a rule that crosses it and goes on beyond it."""
    if rect.is_tall:
        reach = (rect.right - rect.left) // 2
        beyond = ink[rect.top : rect.bottom, max(0, rect.left - reach) : rect.right + reach].mean(axis=1)
    else:
        reach = (rect.bottom - rect.top) // 2
        beyond = ink[max(0, rect.top - reach) : rect.bottom + reach, rect.left : rect.right].mean(axis=0)
    found: NDArray[np.bool_] = beyond >= _RULE
    return found


def _runs(filled: NDArray[np.bool_], gap: float) -> Iterator[tuple[int, int]]:
    """Where ink begins and ends, with the white in it that is narrower than ``gap``."""
    places = np.flatnonzero(filled)
    if not len(places):
        return
    breaks = np.flatnonzero(np.diff(places) > gap)
    for first, last in zip([0, *(breaks + 1)], [*breaks, len(places) - 1], strict=True):
        yield int(places[first]), int(places[last]) + 1
