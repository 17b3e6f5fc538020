"""By how much a page's picture is turned, and the picture straight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LOOKED_AT = 1400  # dots of the longer side: enough to tell lines from the white between them
_MOST_DOTS = 80_000  # of ink
_WIDEST, _STEP = 12.0, 0.5  # degrees
_FINE = (0.1, 0.02)
_LEAST = 0.08  # degrees: less moves a line of a whole page by no more than a dot or two
_BLOCK, _DARKER = 31, 18  # a dot is ink where it is so much darker than its surroundings


@dataclass(frozen=True)
class Rotation:
    """How a picture was turned: a 2 × 3 matrix from the given picture's dots to the straight one's."""

    matrix: NDArray[np.float64] | None = None

    def back(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (count, 2) of the straight picture on the given one."""
        if self.matrix is None:
            return points
        turn, shift = self.matrix[:, :2], self.matrix[:, 2]
        back: NDArray[np.float64] = (points - shift) @ np.linalg.inv(turn).T
        return back


def straightened(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Rotation]:
    """The picture (height, width, 3) turned so that its lines lie level, and how it was turned."""
    import cv2

    degrees = skew(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    if not degrees:
        return picture, Rotation()
    height, width = picture.shape[:2]
    matrix: Any = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, high = math.ceil(height * sine + width * cosine), math.ceil(height * cosine + width * sine)
    matrix[:, 2] += (wide - width) / 2, (high - height) / 2
    turned = cv2.warpAffine(picture, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8), Rotation(np.asarray(matrix, np.float64))


def skew(grey: NDArray[np.uint8]) -> float:
    """By how many degrees a page's lines fall to the right, 0 where that is too little to matter.

    At the right angle, the ink that lies along lines and columns falls into few rows and few columns of dots.
    """
    import cv2

    scale = min(1.0, _LOOKED_AT / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    ink = cv2.adaptiveThreshold(small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _BLOCK, _DARKER)
    down, across = np.nonzero(ink)
    if len(down) > _MOST_DOTS:
        chosen = np.random.default_rng(0).choice(len(down), _MOST_DOTS, replace=False)
        down, across = down[chosen], across[chosen]
    if not len(down):
        return 0.0
    points = np.stack([across, down], axis=1) - (small.shape[1] / 2, small.shape[0] / 2)
    best = max(np.arange(-_WIDEST, _WIDEST + _STEP, _STEP), key=lambda angle: _order(points, angle))
    reach = _STEP
    for step in _FINE:
        best = max(np.arange(best - reach, best + reach + step, step), key=lambda angle: _order(points, angle))
        reach = step
    return float(best) if abs(best) >= _LEAST else 0.0


def _order(points: NDArray[np.float64], degrees: float) -> float:
    """How unevenly the ink lies in rows and columns of dots after the page is turned back by so many degrees."""
    angle = math.radians(degrees)
    rows = points[:, 1] * math.cos(angle) - points[:, 0] * math.sin(angle)
    columns = points[:, 0] * math.cos(angle) + points[:, 1] * math.sin(angle)
    return sum(_unevenness(side) for side in (rows, columns))


def _unevenness(places: NDArray[np.float64]) -> float:
    counts = np.bincount((places - places.min()).astype(np.int64))
    return float((np.diff(counts).astype(np.float64) ** 2).sum())
