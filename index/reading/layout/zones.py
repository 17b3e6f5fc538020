"""Turn zones, which a library's recognition found on a page (lines with places and sizes), into our blocks."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ...regions import Box, Sheet, around
from ..blocks import Block, Form, tight
from ..content.characters import clean
from .places import Place, fractions
from .sizes import set_levels

_HEADING = 1.25  # times the usual size: a larger zone is a headline
_HEADING_LINE = 1.5  # times the size of its zone's other lines: a larger line is a headline
_INDENT = 0.8  # of a line's size: minimum indent of a line that begins a paragraph
_DEEPEST_INDENT = 4.0  # of a line's size: a line indented further is centred, or in another column
_HYPHEN = re.compile(r"(?:(?<=[A-Za-z])-|[\u00ac\u00ad\u2e17])$")


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """A recognised line. ``box``: in the page's own units; ``size``: the type size, 0 if unknown.

    ``hyphenated``: its last word continues in the next line.
    """

    text: str
    box: tuple[float, float, float, float] | None = None
    size: float = 0.0
    confidence: float | None = None
    hyphenated: bool = False

    @property
    def is_vertical(self) -> bool:
        """Whether its characters are one below the other."""
        if self.box is None or len(self.text) < 2:
            return False
        return self.box[3] - self.box[1] > 2 * (self.box[2] - self.box[0])

    @property
    def shown_size(self) -> float:
        """The type size, or else the thickness of the line; 0 if both are unknown."""
        if self.size or self.box is None:
            return self.size
        left, top, right, bottom = self.box
        return min(right - left, bottom - top) if len(self.text) > 1 else bottom - top


@dataclass(slots=True)
class Zone:
    """A block of the page. ``kind``: text, heading, caption, picture or apart (marked as page furniture)."""

    identity: str
    lines: list[ZoneLine] = field(default_factory=list)
    kind: str = "text"
    box: tuple[float, float, float, float] | None = None


@dataclass(slots=True)
class ZonePage:
    """A page's zones in reading order, and its image, whose units the boxes use."""

    sheet: Sheet
    zones: list[Zone] = field(default_factory=list)
    identity: str = ""

    @property
    def usual(self) -> float:
        """The size of most of its text."""
        return usual_size(self.zones)


def usual_size(zones: Iterable[Zone]) -> float:
    """The size of most characters; 0 if none is known."""
    sizes = sorted((line.shown_size, len(line.text)) for zone in zones for line in zone.lines if line.shown_size)
    half = sum(count for _, count in sizes) / 2
    for size, count in sizes:
        half -= count
        if half <= 0:
            return size
    return 0.0


def page_blocks(page: ZonePage, first: int = 1) -> list[Block]:
    """A page's blocks: larger zones or lines become headings, the lines of a paragraph become one block.

    Args:
        first: the number of the first block.
    """
    return zone_blocks(page.zones, page.sheet, page.usual, first)


def zone_blocks(zones: Sequence[Zone], sheet: Sheet, usual: float, first: int = 1) -> list[Block]:
    """The blocks of zones; ``usual`` is the size of most of the page's text."""
    blocks: list[Block] = []
    sizes: list[float] = []
    for zone, lines in ((each, lines) for each in zones for lines in _same_size(each, usual)):
        if zone.kind == "picture" or not lines:
            found = [Block(Form.IMAGE, "", 0, places=_places(zone.box, "", sheet))]
        elif zone.kind == "caption":
            found = [_joined(lines, sheet, zone, Form.IMAGE)]
        elif _is_heading(zone, lines, usual):
            found = [_joined(lines, sheet, zone, Form.HEADING)]
        else:
            found = [_joined(paragraph, sheet, zone, Form.TEXT) for paragraph in _paragraphs(lines)]
        blocks.extend(found)
        sizes.extend([_size(lines)] * len(found))
    for number, block in enumerate(blocks, first):
        block.line, block.gap = number, True
    set_levels(blocks, sizes, usual)
    return blocks


def _is_heading(zone: Zone, lines: Sequence[ZoneLine], usual: float) -> bool:
    if zone.kind != "text":
        return zone.kind == "heading"
    return bool(usual) and _size(lines) >= _HEADING * usual


def _size(lines: Sequence[ZoneLine]) -> float:
    return statistics.median([line.shown_size for line in lines] or [0.0])


def _same_size(zone: Zone, usual: float) -> Iterator[list[ZoneLine]]:
    """Yield a zone's lines, split between headline and text if both are in one zone."""
    groups: list[list[ZoneLine]] = [[]]
    before: bool | None = None
    for line in (line for line in zone.lines if line.text.strip()):
        large = bool(usual) and line.shown_size >= _HEADING_LINE * usual
        if before is not None and large is not before:
            groups.append([])
        groups[-1].append(line)
        before = large
    yield from groups


def _paragraphs(lines: Sequence[ZoneLine]) -> Iterator[list[ZoneLine]]:
    """Yield groups of lines, split at indents: from the left, or in vertical text from the top."""
    upright = sum(len(line.text) for line in lines if line.is_vertical)
    start = 1 if 2 * upright > sum(len(line.text) for line in lines) else 0  # a short line does not show its direction
    least = min((line.box[start] for line in lines if line.box is not None), default=0.0)
    group: list[ZoneLine] = []
    for line in lines:
        depth = (line.box[start] - least) / line.shown_size if line.box is not None and line.shown_size else 0.0
        if group and _INDENT <= depth <= _DEEPEST_INDENT:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _joined(lines: Sequence[ZoneLine], sheet: Sheet, zone: Zone, form: Form) -> Block:
    """Join lines into one block; hyphenated words are rejoined, other Latin words are separated by spaces."""
    pieces: list[str] = []
    places: list[Place] = []
    for number, line in enumerate(lines):
        text = tight(clean(line.text).strip())
        goes_on = number + 1 < len(lines) and (line.hyphenated or _HYPHEN.search(text) is not None)
        if goes_on:
            text = _HYPHEN.sub("", text)
        places.extend(_places(line.box or zone.box, text, sheet, line.confidence))
        pieces.append(text if goes_on or number + 1 == len(lines) else text + " ")
    return Block(form, tight("".join(pieces)), 0, places=tuple(places))


def _places(
    box: tuple[float, float, float, float] | None, text: str, sheet: Sheet, confidence: float | None = None
) -> tuple[Place, ...]:
    placed = fractions(*box, sheet.width, sheet.height) if box is not None else None
    return (Place(text, placed, sheet, confidence),) if placed is not None else ()


def box_around(boxes: Iterable[tuple[float, float, float, float] | None]) -> tuple[float, float, float, float] | None:
    """The smallest box that contains all given boxes."""
    whole = around(Box(*box) for box in boxes if box is not None)
    return (whole.left, whole.top, whole.right, whole.bottom) if whole else None


def by_reference(zones: Sequence[Zone], order: Sequence[object]) -> list[Zone]:
    """Zones in the page's own order of names; unnamed zones follow the one before them."""
    ranks = {str(name): rank for rank, name in reversed(list(enumerate(order)))}
    rank = -1.0
    keyed = []
    for position, zone in enumerate(zones):
        rank = ranks.get(zone.identity, rank)
        keyed.append((rank, position, zone))
    return [zone for _, _, zone in sorted(keyed, key=lambda item: item[:2])]
