"""Pictures of vertical lines, laid down for recognition that reads from left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

Picture = NDArray[np.uint8]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rapidocr_onnxruntime import RapidOCR

_LEAST_STEP, _MOST_STEP = 0.7, 1.4  # of the line's width: how far the next character may be
_WHITE = 255
_SAMPLED = 6  # lines that tell whether a page's characters stand or lie on their side
_TALL = 1.5  # times its width: from which height on a line is vertical


def laid(line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The characters of a vertical line (height, width[, colours]) side by side, each in a square.

    The line is cut where there is least ink about a character's width below the cut before.
    """
    height, width = line.shape[:2]
    grey = line if line.ndim == 2 else line.mean(axis=2)
    ink = (float(grey.max()) - grey).sum(axis=1)
    cuts = [0]
    while height - cuts[-1] > _MOST_STEP * width:
        first, last = cuts[-1] + int(_LEAST_STEP * width), cuts[-1] + int(_MOST_STEP * width)
        between = ink[first:last]
        lightest = np.flatnonzero(between <= between.min())
        cuts.append(first + int(lightest[np.abs(lightest + first - cuts[-1] - width).argmin()]))
    cells = [_square(line[start:end], width) for start, end in zip(cuts, [*cuts[1:], height], strict=True)]
    return np.concatenate(cells, axis=1)


def _square(cell: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """A character in the middle of a square as high as the line is wide; a higher one is cut."""
    white = np.full((width, width, *cell.shape[2:]), int(cell.max(initial=_WHITE)), np.uint8)
    spare = width - len(cell)
    if spare < 0:
        return cell[-spare // 2 : -spare // 2 + width]
    white[spare // 2 : spare // 2 + len(cell)] = cell
    return white


def standing_engine(kind: type[RapidOCR]) -> RapidOCR:
    """RapidOCR that reads vertical lines too. ``kind``: its class.

    It turns high boxes on their side, as a page that lies would need; here the characters of a vertical line are laid
    side by side. Which of the two a page needs, some of its lines tell by how sure they are read.
    """

    class Standing(kind):  # type: ignore[misc]
        def get_crop_img_list(self, img: Picture, dt_boxes: Sequence[ArrayLike]) -> list[Picture]:
            crops = list(super().get_crop_img_list(img, dt_boxes))
            tall = [number for number, box in enumerate(dt_boxes) if _is_tall(box)]
            upright = {number: np.ascontiguousarray(np.rot90(crops[number], -1)) for number in tall}
            sample = sorted(tall, key=lambda number: -len(upright[number]))[:_SAMPLED]
            if sample and self._sure([laid(upright[n]) for n in sample]) > self._sure([crops[n] for n in sample]):
                for number in tall:
                    crops[number] = laid(upright[number])
            return crops

        def _sure(self, lines: list[Picture]) -> float:
            read, _ = self.text_rec(lines, False)
            return float(np.mean([float(line[1]) for line in read]))

    return Standing()


def _is_tall(box: ArrayLike) -> bool:
    corners = np.asarray(box, np.float64)
    across = np.linalg.norm(corners[0] - corners[1])
    return bool(np.linalg.norm(corners[0] - corners[3]) >= _TALL * across)
