"""A page's lines with their places: straightened, found, cut, and read in either direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..layout.scans import Corners, RecognisedLine
from .engine import Engine, PackagedEngine
from .joining import apart, joined
from .lines import Rect, cut_at_gutters, inked, trimmed_across, with_ends, without_overlaps
from .rules import rules_of
from .standing import laid
from .straight import Rotation, straightened

VERSION = "PP-OCRv6 small, 1"  # change this when a picture would be recognised differently
_LONGEST = 2400  # pixels of the longer side for line detection
_SAMPLED = 6  # lines sampled to detect vertical lines and upside-down pages
_LEAST = 4  # pixels of a line's thickness


@dataclass(frozen=True)
class Recognition:
    """The result for a page: its lines, and the rules printed between them."""

    lines: list[RecognisedLine]
    rules: list[Corners]


class Recogniser:
    """Finds the lines of a page and reads them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, picture: NDArray[np.uint8]) -> Recognition:
        """Recognise the lines of a picture (height, width, 3)."""
        import cv2

        straight, turn = straightened(picture)
        ink = inked(cv2.cvtColor(straight, cv2.COLOR_RGB2GRAY))
        rects = self._lines(straight, ink)
        crops = self._crops(straight, rects)
        upside_down = self._is_upside_down(crops)
        if upside_down:
            crops = [_turned(crop) for crop in crops]
        lines = [
            RecognisedLine(_corners(rect, turn, upside_down), read.text, round(read.confidence, 4), read.sure)
            for rect, read in zip(rects, self._engine.read(crops), strict=True)
            if read.text.strip()
        ]
        return Recognition(lines, [_corners(rule, turn, upside_down) for rule in rules_of(ink)])

    def _lines(self, picture: NDArray[np.uint8], ink: NDArray[np.bool_]) -> list[Rect]:
        import cv2

        height, width = picture.shape[:2]
        scale = min(1.0, _LONGEST / max(height, width))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
        boxes = self._engine.find(small) / scale
        low = np.maximum(np.floor(boxes[:, :2]), 0).astype(int)
        high = np.minimum(np.ceil(boxes[:, 2:]), (width, height)).astype(int)
        whole = [Rect(*first, *last) for first, last in zip(low.tolist(), high.tolist(), strict=True)]
        thin = [trimmed_across(rect, ink) for rect in apart([trimmed_across(rect, ink) for rect in whole])]
        parts = [part for rect in thin for part in cut_at_gutters(rect, ink)]
        parts = [part for part in parts if min(part.right - part.left, part.bottom - part.top) >= _LEAST]
        parts = joined(without_overlaps(parts, ink), ink)
        return [with_ends(part, parts, ink) for part in parts]

    def _crops(self, picture: NDArray[np.uint8], rects: Sequence[Rect]) -> list[NDArray[np.uint8]]:
        """The lines' pictures, turned so that they are read from left to right.

        Tall boxes are vertical lines or lie on their side; the reading confidence of a sample decides.
        """
        crops = [np.ascontiguousarray(rect.of(picture)) for rect in rects]
        tall = [number for number, rect in enumerate(rects) if rect.is_tall]
        sample = sorted(tall, key=lambda number: -len(crops[number]))[:_SAMPLED]
        if not sample:
            return crops
        standing = self._sure([laid(crops[n]) for n in sample]) > self._sure([_lying(crops[n]) for n in sample])
        for number in tall:
            crops[number] = laid(crops[number]) if standing else _lying(crops[number])
        return crops

    def _sure(self, lines: list[NDArray[np.uint8]]) -> float:
        return float(np.mean([read.confidence for read in self._engine.read(lines)]))

    def _is_upside_down(self, crops: Sequence[NDArray[np.uint8]]) -> bool:
        """Whether a sample of lines looks upside down and is read with more confidence after turning."""
        sample = sorted(crops, key=lambda crop: -crop.shape[1])[:_SAMPLED]
        if not sample:
            return False
        if sum(self._engine.are_turned(sample)) <= len(sample) / 2:
            return False
        return self._sure([_turned(crop) for crop in sample]) > self._sure(sample)


def _corners(rect: Rect, turn: Rotation, upside_down: bool) -> Corners:
    """A box of the straight page in the original picture, starting at the upper left of its text."""
    left, top, right, bottom = rect.left, rect.top, rect.right, rect.bottom
    corners = turn.back(np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64))
    found: Corners = (corners[[2, 3, 0, 1]] if upside_down else corners).round(1).tolist()
    return found


def _turned(line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(line[::-1, ::-1])


def _lying(line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rot90(line))


@cache
def recogniser() -> Recogniser:
    """The recogniser of this process, loaded once."""
    return Recogniser(PackagedEngine())
