"""Regions (区): where parts of an article are printed on a page image."""

from __future__ import annotations

import difflib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeAlias

from index.types import JsonObject

_DIGITS = 5  # of a fraction: a hundredth of a pixel on a page of a thousand pixels
Point: TypeAlias = tuple[float, float]  # from the left and top, in fractions of the page
_MOST_COMPARED = 20_000  # characters; a longer corrected body keeps its regions on the page, without offsets


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of its page, measured from the left and the top."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """The share of the page that it covers."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page image.

    ``image``: the image's name in the source; empty if the source file itself is the image. ``number``: the page in
    that file, from 1. ``width`` and ``height``: in the source's own units, 0 if unknown.
    """

    image: str = ""
    number: int = 1
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Region:
    """Where a part of an article is on the page.

    ``kind`` is kicker, headline, subtitle, byline, caption or picture; area, for a whole article whose parts are
    unknown; or line, for a line of the body, which is ``body[start:end]``. ``page``: the newspaper page, None if
    unknown. ``source``: the file that was read. ``confidence``: from recognition, 0 to 1, None if not given. ``text``:
    the words in the region, except for lines of the body. ``points``: the corners of a polygon within the box, if the
    source gives one that is not a rectangle. ``doubtful``: offsets of characters that recognition may have misread, in
    the body for a line of it, otherwise in ``text``.
    """

    kind: str
    box: Box
    sheet: Sheet
    page: int | None = None
    source: str = ""
    start: int | None = None
    end: int | None = None
    confidence: float | None = None
    text: str = ""
    points: tuple[Point, ...] = ()
    doubtful: tuple[int, ...] = ()

    def as_dict(self) -> JsonObject:
        """The fields as JSON values."""
        values = asdict(self)
        values["box"] = {side: round(value, _DIGITS) for side, value in values["box"].items()}
        values["points"] = _rounded(self.points) or None
        values["doubtful"] = list(self.doubtful) or None
        return {name: value for name, value in values.items() if value is not None}


def around(boxes: Iterable[Box]) -> Box | None:
    """The smallest box that contains all ``boxes``; None if there are none."""
    given = list(boxes)
    if not given:
        return None
    return Box(
        min(box.left for box in given),
        min(box.top for box in given),
        max(box.right for box in given),
        max(box.bottom for box in given),
    )


def areas(regions: Sequence[Region]) -> list[Region]:
    """An article's area on each image: one box around its regions there."""
    groups: dict[tuple[str, Sheet], list[Region]] = {}
    for region in regions:
        groups.setdefault((region.source, region.sheet), []).append(region)
    found = []
    for group in groups.values():
        if (box := around(region.box for region in group)) is not None:
            found.append(Region("article", box, group[0].sheet, group[0].page, group[0].source))
    return found


def carried(regions: Sequence[Region], before: str, after: str) -> tuple[Region, ...]:
    """The regions of an article whose body ``before`` was corrected to ``after``.

    A line keeps its offsets as long as any of its characters remain; if all are gone, it loses its offsets but keeps
    its place. A corrected character is not marked as doubtful.
    """
    if before == after:
        return tuple(regions)
    if max(len(before), len(after)) > _MOST_COMPARED:
        return tuple(_without_offsets(region) for region in regions)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    codes = matcher.get_opcodes()
    return tuple(_moved(region, codes) for region in regions)


def _moved(region: Region, codes: Sequence[tuple[str, int, int, int, int]]) -> Region:
    if region.start is None or region.end is None:
        return region
    starts: list[int] = []
    ends: list[int] = []
    for code, from_start, from_end, to_start, to_end in codes:
        first, last = max(region.start, from_start), min(region.end, from_end)
        if first >= last or code == "insert" or code == "delete":
            continue
        if code == "equal":
            starts.append(to_start + first - from_start)
            ends.append(to_start + last - from_start)
        else:
            starts.append(to_start if first == from_start else min(to_end, to_start + first - from_start))
            ends.append(to_end if last == from_end else min(to_end, to_start + last - from_start))
    if not starts or min(starts) >= max(ends):
        return _without_offsets(region)
    kept = [(from_start, from_end, to_start) for code, from_start, from_end, to_start, _ in codes if code == "equal"]
    doubtful = [to + offset - first for offset in region.doubtful for first, last, to in kept if first <= offset < last]
    return replace(region, start=min(starts), end=max(ends), doubtful=tuple(doubtful))


def _without_offsets(region: Region) -> Region:
    """A region without its range in the body; the offsets of a headline are in its own text."""
    doubtful = region.doubtful if region.start is None else ()
    return replace(region, start=None, end=None, doubtful=doubtful)


def pack_regions(regions: Sequence[Region]) -> bytes:
    """Serialise regions for the archive."""
    sheets = list(dict.fromkeys((region.source, region.page, region.sheet) for region in regions))
    numbers = {sheet: number for number, sheet in enumerate(sheets)}
    rows = [
        [
            region.kind,
            numbers[region.source, region.page, region.sheet],
            *(round(side, _DIGITS) for side in (region.box.left, region.box.top, region.box.right, region.box.bottom)),
            region.start,
            region.end,
            None if region.confidence is None else round(region.confidence, 3),
            region.text,
            *([_rounded(region.points)] if region.points or region.doubtful else []),
            *([region.doubtful] if region.doubtful else []),
        ]
        for region in regions
    ]
    heads = [[source, page, asdict(sheet)] for source, page, sheet in sheets]
    return zlib.compress(json.dumps([heads, rows], ensure_ascii=False, separators=(",", ":")).encode())


def unpack_regions(packed: bytes) -> tuple[Region, ...]:
    """Deserialise regions."""
    heads, rows = json.loads(zlib.decompress(packed))
    sheets = [(source, page, Sheet(**sheet)) for source, page, sheet in heads]
    found = []
    for kind, number, left, top, right, bottom, start, end, confidence, text, *more in rows:
        source, page, sheet = sheets[number]
        points = tuple((across, down) for across, down in more[0]) if more else ()
        doubtful = tuple(more[1]) if len(more) > 1 else ()
        box = Box(left, top, right, bottom)
        found.append(Region(kind, box, sheet, page, source, start, end, confidence, text, points, doubtful))
    return tuple(found)


def _rounded(points: Sequence[Point]) -> list[list[float]]:
    return [[round(side, _DIGITS) for side in point] for point in points]
