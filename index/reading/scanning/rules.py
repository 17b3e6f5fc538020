"""Rules on a straight page: the lines printed between articles and columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .lines import Rect

_LEAST_LENGTH = 0.05  # of the page's width: longer than any stroke of a headline
_MOST_THICKNESS = 0.006  # of the page's width
_BRIDGED = 5  # missing pixels in a worn rule
_BESIDE = 0.006  # of the page's width: the white space required on both sides of a rule
_MOST_BESIDE = 0.08  # maximum share of ink in it


def rules_of(ink: NDArray[np.bool_]) -> list[Rect]:
    """Long, thin, straight lines of ink, horizontal and vertical."""
    import cv2

    width = ink.shape[1]
    long, thick = max(40, round(_LEAST_LENGTH * width)), max(3, round(_MOST_THICKNESS * width))
    found = []
    for size in ((long, 1), (1, long)):
        bridge = np.ones((_BRIDGED, 1) if size[0] == 1 else (1, _BRIDGED), np.uint8)
        dots = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, bridge)
        dots = cv2.morphologyEx(dots, cv2.MORPH_OPEN, np.ones((size[1], size[0]), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(dots, connectivity=8)
        for left, top, across, down, _ in stats[1:count].tolist():
            rule = Rect(left, top, left + across, top + down)
            if min(across, down) <= thick and max(across, down) >= long and _is_alone(rule, ink):
                found.append(rule)
    return found


def _is_alone(rule: Rect, ink: NDArray[np.bool_]) -> bool:
    """Whether there is white space on both sides, which connected strokes do not have."""
    reach = max(3, round(_BESIDE * ink.shape[1]))
    left, top, right, bottom = rule.left, rule.top, rule.right, rule.bottom
    if right - left > bottom - top:
        sides = (
            ink[max(0, top - 1 - reach) : max(0, top - 1), left:right],
            ink[bottom + 1 : bottom + 1 + reach, left:right],
        )
    else:
        sides = (
            ink[top:bottom, max(0, left - 1 - reach) : max(0, left - 1)],
            ink[top:bottom, right + 1 : right + 1 + reach],
        )
    return all(float(side.mean()) <= _MOST_BESIDE for side in sides if side.size)
