"""Rearrange pictures of vertical lines for recognition that reads from left to right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_PITCHES = np.linspace(0.65, 1.15, 26)  # of the line's width: possible distances between its characters
_LEAST_STEP, _MOST_STEP = 0.75, 1.3  # of the pitch: limits for the distance to the next cut
_UNEVEN = 2.0  # cost of a step that deviates from the pitch by 100 %, in lines of full ink
_INKED = 0.35  # of the way from the paper to the darkest pixel
_SMALL = 0.55  # of its cell: a mark up to this size is a full stop or comma
_NARROW, _HIGH = 0.55, 0.5  # of the line's width: a character at most as wide and at least as high is a digit or letter
_BESIDE = 0.06  # of the line's width: white space on both sides of a digit or letter
_WHITE = 255


def laid(line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The characters of a vertical line (height, width[, colours]) side by side: digits close, others in squares."""
    dark = _darkness(line)
    if spare := _place_left(dark):
        line = np.concatenate([line, np.full((spare, *line.shape[1:]), line.max(), np.uint8)])
        dark = np.concatenate([dark, np.zeros((spare, dark.shape[1]))])
    height, width = line.shape[:2]
    cuts = _cuts(dark.sum(axis=1) / width, width)
    cells = [
        _close(_square(_as_written_across(line[start:end], dark[start:end]), width))
        for start, end in zip(cuts, [*cuts[1:], height], strict=False)
        if end > start
    ]
    return np.concatenate(cells, axis=1)


def _darkness(line: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The darkness of each pixel, from 0 to 1."""
    grey = np.asarray(line if line.ndim == 2 else line.mean(axis=2), np.float64)
    return (float(grey.max()) - grey) / max(1.0, float(grey.max()) - float(grey.min()))


def _place_left(dark: NDArray[np.float64]) -> int:
    """The space missing after a mark at a line's end, where the picture ends with the mark's ink."""
    height, width = dark.shape
    rows = np.flatnonzero((dark > _INKED).any(axis=1))
    if len(rows) < 2:
        return 0
    first = int(rows[np.flatnonzero(np.diff(rows) > 1)[-1] + 1]) if (np.diff(rows) > 1).any() else int(rows[0])
    across = np.flatnonzero((dark[first:] > _INKED).any(axis=0))
    small = rows[-1] + 1 - first <= _SMALL * width and across[-1] + 1 - across[0] <= _SMALL * width
    return max(0, first + width - height) if small and first > width / 2 else 0


def _cuts(ink: NDArray[np.float64], width: int) -> list[int]:
    """The positions at which to cut a line, at even steps through as little ink as possible."""
    if len(ink) <= _MOST_STEP * width:
        return [0, len(ink)]
    return _best_cuts(ink, min(np.maximum(3.0, _PITCHES * width), key=lambda pitch: _on_grid(ink, pitch)))


def _on_grid(ink: NDArray[np.float64], pitch: float) -> float:
    """The ink crossed by even cuts, at the best offset."""
    grid = np.arange(0, len(ink) - pitch, pitch)
    places = (grid[:, None] + np.arange(int(pitch))).astype(np.int64)
    return float(ink[places].mean(axis=0).min())


def _best_cuts(ink: NDArray[np.float64], pitch: float) -> list[int]:
    """The cuts that cross the least ink with the most even steps (dynamic programming over the pixels)."""
    count = len(ink)
    steps = np.arange(int(_LEAST_STEP * pitch), int(_MOST_STEP * pitch) + 1)
    uneven = _UNEVEN * ((steps - pitch) / pitch) ** 2
    at = np.append(ink, 0.0)
    costs = np.full(count + 1, np.inf)
    before = np.zeros(count + 1, np.int64)
    costs[0] = 0.0
    for place in range(int(steps[0]), count + 1):
        reach = steps[: np.searchsorted(steps, place, side="right")]
        ways = costs[place - reach] + uneven[: len(reach)]
        best = int(ways.argmin())
        costs[place], before[place] = ways[best] + at[place], place - reach[best]
    end = count - int(np.argmin(costs[count - int(pitch / 2) : count + 1][::-1]))
    cuts = [end]
    while cuts[-1] > 0 and np.isfinite(costs[cuts[-1]]):
        cuts.append(int(before[cuts[-1]]))
    return sorted({0, *cuts[:-1], count} if count - end > pitch / 2 else {0, *cuts[1:], count})


def _as_written_across(cell: NDArray[np.uint8], dark: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A cell in which a stop in the upper right corner, as in vertical text, is moved to the lower left."""
    down, across = np.nonzero(dark > _INKED)
    if not len(down):
        return cell
    top, bottom, left, right = down.min(), down.max() + 1, across.min(), across.max() + 1
    height, width = cell.shape[:2]
    small = bottom - top <= _SMALL * height and right - left <= _SMALL * width
    in_corner = (top + bottom) / 2 <= height / 2 and (left + right) / 2 >= width / 2
    if not (small and in_corner) or len(np.unique(across)) < right - left:  # a gap: the two strokes of a quotation mark
        return cell
    return np.roll(cell, (height - bottom - top, width - right - left), axis=(0, 1))


def _square(cell: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """A character centred in a square as high as the line is wide; taller ones are cropped."""
    white = np.full((width, width, *cell.shape[2:]), int(cell.max(initial=_WHITE)), np.uint8)
    spare = width - len(cell)
    if spare < 0:
        return cell[-spare // 2 : -spare // 2 + width]
    white[spare // 2 : spare // 2 + len(cell)] = cell
    return white


def _close(cell: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A square cell, narrowed to half its width for a digit or letter, as in horizontal text."""
    width = cell.shape[1]
    down, across = np.nonzero(_darkness(cell) > _INKED)
    if not len(down):
        return cell
    first, last = int(across.min()), int(across.max()) + 1
    if last - first > _NARROW * width or down.max() + 1 - down.min() < _HIGH * width:
        return cell
    margin = max(1, round(_BESIDE * width))
    return cell[:, max(0, first - margin) : last + margin]
