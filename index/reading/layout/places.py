"""Where a block's text is on the page image, and the matching characters of an article's body."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...regions import Box, Point, Region, Sheet

_MOST_COMPARED = 4000  # characters of a block


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a block, and where it is on the page.

    ``text``: its part of the block's text; ``points``: its corners, unless it is a rectangle; ``doubtful``: offsets in
    the text of characters that may be misread.
    """

    text: str
    box: Box
    sheet: Sheet
    confidence: float | None = None
    points: tuple[Point, ...] = ()
    doubtful: tuple[int, ...] = ()


def fractions(left: float, top: float, right: float, bottom: float, width: float, height: float) -> Box | None:
    """A box in fractions of a page; None if the box or the page has no size."""
    if width <= 0 or height <= 0:
        return None
    sides = [left / width, top / height, right / width, bottom / height]
    if not all(side == side for side in sides):  # a NaN
        return None
    within = [min(1.0, max(0.0, side)) for side in sides]
    box = Box(
        min(within[0], within[2]), min(within[1], within[3]), max(within[0], within[2]), max(within[1], within[3])
    )
    return box if box.area > 0 else None


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the known values, limited to 0 to 1."""
    known = [value for value in values if value is not None]
    return min(1.0, max(0.0, sum(known) / len(known))) if known else None


def body_regions(places: Sequence[Place], text: str, start: int) -> Iterator[Region]:
    """Yield the lines of a block as regions of the body, in which ``text``, its part of the block, begins at ``start``.

    The body has different spaces than the page, and less text: what opens a block (a byline) or ends it (a jump mark)
    is not part of the body. Lines without any text in the body are left out.
    """
    at = [offset for offset, character in enumerate(text) if not character.isspace()]
    wanted = "".join(text[offset] for offset in at)
    reach = 0
    owners: list[int] = []
    doubted: list[bool] = []
    for number, place in enumerate(places):
        shown = [offset for offset, character in enumerate(place.text) if not character.isspace()]
        owners.extend([number] * len(shown))
        doubted.extend(offset in place.doubtful for offset in shown)
    whole = "".join(_bare(place.text) for place in places)
    first = whole.find(wanted)
    if first >= 0:
        matches = [(first, 0, len(wanted))]
    elif len(whole) > _MOST_COMPARED:
        return
    else:
        blocks = difflib.SequenceMatcher(None, whole, wanted, autojunk=False).get_matching_blocks()
        matches = [(block.a, block.b, block.size) for block in blocks]
    spans: dict[int, tuple[int, int]] = {}
    doubtful: dict[int, list[int]] = {}
    for in_whole, in_wanted, size in matches:
        for step in range(size):
            owner, offset = owners[in_whole + step], at[in_wanted + step]
            low, _ = spans.get(owner, (offset, offset))
            spans[owner] = (low, offset + 1)
            if doubted[in_whole + step]:
                doubtful.setdefault(owner, []).append(start + offset)
    for number in sorted(spans):
        low, high = spans[number]
        place = places[number]
        low = max(low, reach)
        reach = max(reach, high)
        if low < high:
            line = Region("line", place.box, place.sheet, None, "", start + low, start + high, place.confidence)
            yield replace(line, doubtful=tuple(doubtful.get(number, ())))


def part_regions(kind: str, places: Sequence[Place]) -> Iterator[Region]:
    """Yield the lines of a part outside the body as regions."""
    for place in places:
        region = Region(kind, place.box, place.sheet, confidence=place.confidence, text=place.text, points=place.points)
        yield replace(region, doubtful=place.doubtful)


def _bare(text: str) -> str:
    return "".join(text.split())
