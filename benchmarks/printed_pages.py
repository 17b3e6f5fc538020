"""Pictures of drawn pages as they reach a reader: clean, worn, or photographed; each with where the page lies on it."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .drawn_pages import DrawnPage, picture

Matrix = NDArray[np.float64]  # (3, 3): from fractions of the page to fractions of the picture
KINDS = ("clean", "worn", "photo")
_MOST_TURNED = {"worn": 3.0, "photo": 4.0}  # degrees
_MARGIN = 0.06  # of a side: the table around a photographed page
_SHIFTED = 0.012  # of a side: the corners of a photographed page, which lies at an angle to the camera
_TABLE, _PAPER = 90, 240  # greys
_SHADE = 0.65  # the light in the darkest corner of a photograph


def printed(page: DrawnPage, kind: str, dpi: int, seed: int = 0) -> tuple[Any, Matrix]:
    """The page's picture and its place on it.

    Args:
        kind: ``clean``; ``worn``: turned, blurred, with noise, and with the other side showing through; ``photo``: from
            the hand, at an angle, in uneven light, with the table around it.
    """
    drawn = picture(page, dpi)
    if kind == "clean":
        return drawn, np.eye(3)
    chance = random.Random(seed)
    angle = chance.uniform(-1, 1) * _MOST_TURNED[kind]
    if kind == "worn":
        return _worn(drawn, dpi, seed).rotate(angle, _bicubic(), fillcolor=_PAPER), _turn(angle, *drawn.size)
    return _photographed(drawn, angle, chance, seed)


def _worn(drawn: Any, dpi: int, seed: int) -> Any:
    from PIL import Image, ImageFilter

    behind = drawn.transpose(Image.Transpose.FLIP_LEFT_RIGHT).point(lambda value: 255 - (255 - value) // 6)
    mixed = np.minimum(np.asarray(drawn, np.int16), np.asarray(behind, np.int16))
    return _noisy(mixed, 10, seed).filter(ImageFilter.GaussianBlur(dpi / 300))


def _photographed(drawn: Any, angle: float, chance: random.Random, seed: int) -> tuple[Any, Matrix]:
    from PIL import Image

    width, height = drawn.size
    size = (round(width * (1 + 2 * _MARGIN)), round(height * (1 + 2 * _MARGIN)))
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
    shifted = corners + [[chance.uniform(-1, 1) * _SHIFTED for _ in range(2)] for _ in corners]
    place = _turn(angle, *size) @ _perspective(corners, (shifted + _MARGIN) / (1 + 2 * _MARGIN))
    back = np.diag([width, height, 1.0]) @ np.linalg.inv(place) @ np.diag([1 / size[0], 1 / size[1], 1.0])
    seen = drawn.transform(
        size, Image.Transform.PERSPECTIVE, (back / back[2, 2]).ravel()[:8].tolist(), _bicubic(), fillcolor=_TABLE
    )
    direction = chance.uniform(0, 2 * math.pi)
    down, across = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    light = (across * math.cos(direction) + down * math.sin(direction)) / math.sqrt(2)  # from -1 to 1
    return _noisy(np.asarray(seen) * (1 - (1 - _SHADE) * (1 - light) / 2), 6, seed), place


def _bicubic() -> Any:
    from PIL import Image

    return Image.Resampling.BICUBIC


def _noisy(grey: NDArray[Any], spread: float, seed: int) -> Any:
    from PIL import Image

    noise = np.random.default_rng(seed).normal(0, spread, grey.shape)
    return Image.fromarray(np.clip(grey + noise, 0, 255).astype(np.uint8))


def _turn(angle: float, width: int, height: int) -> Matrix:
    """The rotation of a picture about its centre by an angle in degrees, counterclockwise."""
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]], np.float64)
    whole = np.array([[width, 0, -width / 2], [0, height, -height / 2], [0, 0, 1]], np.float64)
    found: Matrix = np.linalg.inv(whole) @ turn @ whole
    return found


def _perspective(before: NDArray[np.float64], after: NDArray[np.float64]) -> Matrix:
    """The matrix that maps four points to four others."""
    rows, values = [], []
    for (x, y), (to_x, to_y) in zip(before, after, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -to_x * x, -to_x * y], [0, 0, 0, x, y, 1, -to_y * x, -to_y * y]]
        values += [to_x, to_y]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)


def placed(points: NDArray[np.float64], place: Matrix) -> NDArray[np.float64]:
    """Points (count, 2) of the page on the picture, in fractions."""
    found = np.c_[points, np.ones(len(points))] @ place.T
    on_picture: NDArray[np.float64] = found[:, :2] / found[:, 2:]
    return on_picture
