"""PAGE XML, the format of transcription platforms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from ...regions import Sheet
from ..content.files import UnreadableFileError
from ..content.xml import read_xml, root_name, to_number
from ..layout.zones import Zone, ZoneLine, ZonePage, box_around, by_reference, page_blocks
from .base import FileText, Format, Options, PageText

if TYPE_CHECKING:
    from lxml.etree import _Element

_KINDS = {"heading": "heading", "header-heading": "heading", "caption": "caption"}
_PICTURES = ("ImageRegion", "GraphicRegion", "LineDrawingRegion", "ChartRegion")


def read_page_xml(path: Path, _options: Options) -> FileText:
    """The pages of a PAGE file.

    Raises:
        UnreadableFileError: it is not XML, or contains no page.
    """
    root = read_xml(path)
    pages = [_page(page, number) for number, page in enumerate(root.findall("Page"), 1)]
    if not pages:
        raise UnreadableFileError(f"{path}: PAGE 文件里没有页 (no page in it)")
    several = len(pages) > 1
    return FileText([PageText({}, page_blocks(page), page.sheet.number if several else None) for page in pages])


def _page(page: _Element, number: int) -> ZonePage:
    width, height = to_number(page.get("imageWidth")), to_number(page.get("imageHeight"))
    sheet = Sheet(PureWindowsPath(page.get("imageFilename") or "").name, number, round(width), round(height))
    zones = [zone for region in page.iter("TextRegion", *_PICTURES) if (zone := _zone(region)) is not None]
    order = [name for root in page.findall("ReadingOrder") for name in _order(root)]
    return ZonePage(sheet, by_reference(zones, order) if order else zones, str(page.get("id") or ""))


def _zone(region: _Element) -> Zone | None:
    identity, box = str(region.get("id") or ""), _box(region)
    if region.tag in _PICTURES:
        return Zone(identity, kind="picture", box=box)
    lines = [_line(line) for line in region.findall("TextLine")]
    if not any(line.text for line in lines):
        text, confidence = _text(region)
        lines = [ZoneLine(row, None, 0.0, confidence) for row in text.splitlines() if row.strip()]
    lines = [line for line in lines if line.text]
    box = box or box_around(line.box for line in lines)
    return Zone(identity, lines, _KINDS.get(region.get("type") or "", "text"), box) if lines else None


def _line(line: _Element) -> ZoneLine:
    text, confidence = _text(line)
    if not text:
        text = " ".join(word for child in line.findall("Word") if (word := _text(child)[0]))
    return ZoneLine(" ".join(text.split()), _box(line), _type_size(line), confidence)


def _type_size(line: _Element) -> float:
    style = line.find("TextStyle")
    return to_number(style.get("fontSize")) if style is not None else 0.0


def _text(element: _Element) -> tuple[str, float | None]:
    """The first reading of an element, and its confidence."""
    readings = sorted(element.findall("TextEquiv"), key=lambda found: to_number(found.get("index")))
    for reading in readings:
        if text := (reading.findtext("Unicode") or reading.findtext("PlainText") or "").strip():
            return text, min(1.0, to_number(reading.get("conf"))) if reading.get("conf") else None
    return "", None


def _box(element: _Element) -> tuple[float, float, float, float] | None:
    coords = element.find("Coords")
    if coords is None:
        return None
    pairs = [pair.split(",") for pair in (coords.get("points") or "").split()]
    pairs = [pair for pair in pairs if len(pair) == 2] or [[p.get("x"), p.get("y")] for p in coords.findall("Point")]
    across, down = ([to_number(pair[side]) for pair in pairs] for side in (0, 1))
    if not pairs or min(across) >= max(across) or min(down) >= max(down):
        return None
    return min(across), min(down), max(across), max(down)


def _order(group: _Element) -> Iterator[str]:
    """Yield the regions in the page's own reading order, including nested groups."""
    for child in sorted(group, key=lambda child: to_number(child.get("index"))):
        if child.get("regionRef"):
            yield str(child.get("regionRef"))
        yield from _order(child)


FORMATS = (Format("page", (".xml",), read_page_xml, lambda head: root_name(head) == "PcGts"),)
