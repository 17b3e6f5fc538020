"""Measure the skew of a page image, and straighten it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LOOKED_AT = 1400  # pixels of the longer side: enough to distinguish lines from the white space between them
_MOST_DOTS = 80_000  # ink pixels
_WIDEST, _STEP = 12.0, 0.5  # degrees
_FINE = (0.1, 0.02)
_LEAST = 0.08  # degrees: smaller angles move a line across a whole page by only one or two pixels
_BLOCK, _DARKER = 31, 18  # a pixel is ink if it is this much darker than its surroundings


@dataclass(frozen=True)
class Rotation:
    """How a picture was turned: a 2 × 3 matrix from the original picture's pixels to the straight one's."""

    matrix: NDArray[np.float64] | None = None

    def back(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map points (count, 2) of the straight picture to the original one."""
        if self.matrix is None:
            return points
        turn, shift = self.matrix[:, :2], self.matrix[:, 2]
        back: NDArray[np.float64] = (points - shift) @ np.linalg.inv(turn).T
        return back


def straightened(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Rotation]:
    """The picture (height, width, 3) turned so that its lines are horizontal, and its rotation."""
    import cv2

    degrees = skew(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    if not degrees:
        return picture, Rotation()
    height, width = picture.shape[:2]
    matrix: NDArray[np.float64] = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, high = math.ceil(height * sine + width * cosine), math.ceil(height * cosine + width * sine)
    matrix[:, 2] += (wide - width) / 2, (high - height) / 2
    turned = cv2.warpAffine(picture, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8), Rotation(np.asarray(matrix, np.float64))


def skew(grey: NDArray[np.uint8]) -> float:
    """The angle in degrees by which a page's lines fall to the right; 0 if it is negligible.

    At the right angle, the ink of lines and columns falls into few rows and columns of pixels.
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
    """How unevenly the ink is distributed over rows and columns of pixels after turning the page back."""
    angle = math.radians(degrees)
    rows = points[:, 1] * math.cos(angle) - points[:, 0] * math.sin(angle)
    columns = points[:, 0] * math.cos(angle) + points[:, 1] * math.sin(angle)
    return sum(_unevenness(side) for side in (rows, columns))


def _unevenness(places: NDArray[np.float64]) -> float:
    counts = np.bincount((places - places.min()).astype(np.int64))
    return float((np.diff(counts).astype(np.float64) ** 2).sum())
