"""Pictures of vertical lines, laid down for recognition that reads from left to right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEAST_STEP, _MOST_STEP = 0.7, 1.4  # of the line's width: how far the next character may be
_WHITE = 255


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
