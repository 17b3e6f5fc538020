"""Boxes of lines on a straight page: split where detection joined two columns, and trimmed to the ink."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THICKER = 1.15  # times the type size: the thickness of boxes after trimming
_FILLED = 0.01  # of a line's length: less ink in a row of pixels next to it is noise
_LEAST_THICK = 0.3  # of a box's thickness: minimum share taken by the line's own ink
_OWN = 0.8  # of a box's ink: minimum share of the line's own ink
_BESIDE = 0.07  # of the line's thickness, kept on both sides
_GUTTER = 1.15  # of the type size: minimum gutter width; narrow punctuation marks leave as much white space
_CLEAR = 1.6  # of the type size: white space that is a gutter if there is no text above or below
_WIDE = 3.0  # of the type size: white space that always separates two lines
_CHANNEL, _CHANNEL_HEIGHT = 0.4, 2.6  # of the type size: a gutter continues as white space above or below the line
_ALL_ALONG = 0.9  # of a length: ink that fills as much is a rule next to the line
_CHANNEL_SIDES = 2.0  # of the type size: maximum distance of text on both sides of that white space
_INK = 0.32  # of the way from the paper's grey to the ink's: darker pixels are ink
_NO_PAPER = 0.6  # of the brightest paper's grey: larger areas that are darker are not paper
_RULE = 0.85  # of a line's thickness plus half of it on both sides: ink that fills as much is a rule between columns
_SLIVER = 0.8  # of the type size: shorter pieces at a box's end are the edge of a line in the next column
_MARGIN = 0.12  # of the type size, kept around the ink
_SAME_LINE = 0.5  # of the smaller thickness: minimum overlap of boxes with parts of one line
_END = 1.1  # of the type size: maximum distance of a mark that belongs to a line from its end
_MARK, _MARK_GAP = 0.6, 0.15  # of the type size: maximum width of a mark, and of white space within it
_TALL = 1.5  # times its width: minimum height of a box with a vertical line


@dataclass(frozen=True, slots=True)
class Rect:
    """A box in pixels; ``right`` and ``bottom`` are the first pixels outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def is_tall(self) -> bool:
        """Whether it contains a vertical line, or one that lies on its side."""
        return self.bottom - self.top >= _TALL * (self.right - self.left)

    def of(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of a picture inside the box."""
        return picture[self.top : self.bottom, self.left : self.right]


def inked(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A mask of the page's ink pixels; the paper's brightness may vary."""
    import cv2

    scale = min(1.0, 400 / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((7, 7), np.uint8)), 21)
    bright = float(np.percentile(small, 90))
    paper[paper < _NO_PAPER * bright] = round(bright)  # inside a photograph
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    dark = float(np.percentile(grey, 1))
    soft = cv2.GaussianBlur(grey, (3, 3), 0).astype(np.float32)
    found: NDArray[np.bool_] = soft < paper - _INK * np.maximum(paper - dark, 40)
    return found


def trimmed_across(rect: Rect, ink: NDArray[np.bool_]) -> Rect:
    """The box trimmed to the thickness of its line, without the edges of neighbouring lines."""
    box = ink[rect.top : rect.bottom, rect.left : rect.right]
    axis = 0 if rect.is_tall else 1
    dots = box.sum(axis=axis)
    runs = _runs(dots > _FILLED * box.shape[axis], 1.0)
    own, first, last = max(((int(dots[start:end].sum()), start, end) for start, end in runs), default=(0, 0, 0))
    if own < _OWN * dots.sum() or last - first < _LEAST_THICK * len(dots):
        return rect
    margin = max(1, round(_BESIDE * (last - first)))
    low, high = max(0, first - margin), min(len(dots), last + margin)
    if rect.is_tall:
        return Rect(rect.left + low, rect.top, rect.left + high, rect.bottom)
    return Rect(rect.left, rect.top + low, rect.right, rect.top + high)


def cut_at_gutters(rect: Rect, ink: NDArray[np.bool_]) -> Iterator[Rect]:
    """Yield the parts of a detected line between gutters, each trimmed to its ink."""
    box = ink[rect.top : rect.bottom, rect.left : rect.right]
    thickness = box.shape[1] if rect.is_tall else box.shape[0]
    size = thickness / THICKER
    filled = box.any(axis=1 if rect.is_tall else 0)
    filled &= ~rules_across(rect, ink)
    start = rect.top if rect.is_tall else rect.left
    margin = round(_MARGIN * size)
    parts = _joined(list(_runs(filled, _GUTTER * size)), rect, ink, size)
    for first, last in parts:
        at_end = first == 0 or last == len(filled)
        if len(parts) > 1 and at_end and last - first < _SLIVER * size:
            continue
        low, high = start + max(0, first - margin), start + min(len(filled), last + margin)
        if rect.is_tall:
            yield Rect(rect.left, low, rect.right, high)
        else:
            yield Rect(low, rect.top, high, rect.bottom)


def _joined(parts: list[tuple[int, int]], rect: Rect, ink: NDArray[np.bool_], size: float) -> list[tuple[int, int]]:
    """Join parts of a line that are separated by white space which is not a gutter."""
    joined = parts[:1]
    for first, last in parts[1:]:
        white = (joined[-1][1], first)
        if white[1] - white[0] >= _WIDE * size or is_gutter(white, rect, ink, size):
            joined.append((first, last))
        else:
            joined[-1] = (joined[-1][0], last)
    return joined


def is_gutter(white: tuple[int, int], rect: Rect, ink: NDArray[np.bool_], size: float) -> bool:
    """Whether white space continues above or below a line, between text; the end of a column is not evidence."""
    start, _, low, high = along(rect)
    middle, half = start + sum(white) / 2, _CHANNEL * size / 2
    first, last = max(0, round(middle - half)), round(middle + half) + 1
    near = round(_CHANNEL_SIDES * size)
    reach = round(_CHANNEL_HEIGHT * size)
    page = ink if rect.is_tall else ink.T
    told = []
    around = slice(max(0, first - near), last + near)
    for side in (page[around, max(0, low - reach) : low], page[around, high : high + reach]):
        text = side[:, side.mean(axis=0) < _ALL_ALONG]
        before, channel, after = np.split(text, [first - around.start, last - around.start])
        if before.any() and after.any():
            told.append(not channel.any())
    return any(told) if told else white[1] - white[0] >= _CLEAR * size


def without_overlaps(rects: Sequence[Rect], ink: NDArray[np.bool_]) -> list[Rect]:
    """Cut boxes so that no line begins inside the end of another."""
    return [_cut_off(rect, rects, ink) for rect in rects]


def _cut_off(rect: Rect, others: Sequence[Rect], ink: NDArray[np.bool_]) -> Rect:
    start, end, _, _ = along(rect)
    first, last = start, end
    for from_, to in _beside(rect, others):
        if from_ < start < to < end and to - start < (end - start) / 2:
            first = max(first, to)
        elif start < from_ < end < to and end - from_ < (end - start) / 2:
            last = min(last, from_)
    if (first, last) == (start, end) or last - first < 1:
        return rect
    return _trimmed(rect, first, last, ink)


def _beside(rect: Rect, others: Sequence[Rect]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of other boxes in the same line."""
    _, _, low, high = along(rect)
    for other in others:
        if other is rect or other.is_tall != rect.is_tall:
            continue
        from_, to, other_low, other_high = along(other)
        if min(high, other_high) - max(low, other_low) >= _SAME_LINE * min(high - low, other_high - other_low):
            yield from_, to


def along(rect: Rect) -> tuple[int, int, int, int]:
    """The start and end of a line along its direction, and the two sides across it."""
    if rect.is_tall:
        return rect.top, rect.bottom, rect.left, rect.right
    return rect.left, rect.right, rect.top, rect.bottom


def _trimmed(rect: Rect, first: int, last: int, ink: NDArray[np.bool_]) -> Rect:
    """A line cut before ``first`` and after ``last``, if white space separates the removed parts."""
    cut = Rect(rect.left, first, rect.right, last) if rect.is_tall else Rect(first, rect.top, last, rect.bottom)
    filled = np.flatnonzero(ink[cut.top : cut.bottom, cut.left : cut.right].any(axis=1 if rect.is_tall else 0))
    start, end, _, _ = along(rect)
    if not len(filled) or (first > start and filled[0] == 0) or (last < end and filled[-1] == last - first - 1):
        return rect
    thickness = min(rect.right - rect.left, rect.bottom - rect.top)
    margin = round(_MARGIN * thickness / THICKER)
    low, high = max(first, first + int(filled[0]) - margin), min(last, first + int(filled[-1]) + 1 + margin)
    return Rect(rect.left, low, rect.right, high) if rect.is_tall else Rect(low, rect.top, high, rect.bottom)


def with_ends(rect: Rect, others: Sequence[Rect], ink: NDArray[np.bool_]) -> Rect:
    """A line extended by marks at its ends that detection omitted or cut: a quotation mark, a full stop."""
    start, end, _, _ = along(rect)
    size = min(rect.right - rect.left, rect.bottom - rect.top) / THICKER
    length = ink.shape[0] if rect.is_tall else ink.shape[1]
    low, high = max(0, start - round(_END * size)), min(length, end + round(_END * size))
    for from_, to in _beside(rect, others):
        low, high = (max(low, to) if to <= start else low), (min(high, from_) if from_ >= end else high)
    wide = Rect(rect.left, low, rect.right, high) if rect.is_tall else Rect(low, rect.top, high, rect.bottom)
    filled = ink[wide.top : wide.bottom, wide.left : wide.right].any(axis=1 if rect.is_tall else 0)
    filled &= ~rules_across(wide, ink)
    runs = [(first + low, last + low) for first, last in _runs(filled, _MARK_GAP * size)]
    margin = round(_MARGIN * size)
    for first, last in runs:
        if low < first and last < high:  # whole
            if first < start and min(last, start) - first <= _MARK * size:  # no larger than a mark
                start = max(low, first - margin)
            elif last > end and last - max(first, end) <= _MARK * size:
                end = min(high, last + margin)
    return Rect(rect.left, start, rect.right, end) if rect.is_tall else Rect(start, rect.top, end, rect.bottom)


def rules_across(rect: Rect, ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask of the pixels along a line that belong to a rule which crosses it and continues beyond it."""
    if rect.is_tall:
        reach = (rect.right - rect.left) // 2
        beyond = ink[rect.top : rect.bottom, max(0, rect.left - reach) : rect.right + reach].mean(axis=1)
    else:
        reach = (rect.bottom - rect.top) // 2
        beyond = ink[max(0, rect.top - reach) : rect.bottom + reach, rect.left : rect.right].mean(axis=0)
    found: NDArray[np.bool_] = beyond >= _RULE
    return found


def _runs(filled: NDArray[np.bool_], gap: float) -> Iterator[tuple[int, int]]:
    """Yield the start and end of runs of ink, including white space narrower than ``gap``."""
    places = np.flatnonzero(filled)
    if not len(places):
        return
    breaks = np.flatnonzero(np.diff(places) > gap)
    for first, last in zip([0, *(breaks + 1)], [*breaks, len(places) - 1], strict=True):
        yield int(places[first]), int(places[last]) + 1
