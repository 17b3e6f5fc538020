"""ALTO 2 to 4, the format in which libraries store recognised pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from ...regions import Sheet
from ..content.files import UnreadableFileError
from ..content.xml import read_xml, root_name, to_number
from ..layout.places import mean
from ..layout.zones import Zone, ZoneLine, ZonePage, box_around, by_reference, page_blocks
from .base import FileText, Format, Options, PageText

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADING_TAGS = ("head", "title")
_PICTURES = ("Illustration", "GraphicalElement")


def read_alto(path: Path, _options: Options) -> FileText:
    """The pages of an ALTO file.

    Raises:
        UnreadableFileError: it is not XML, or has another format.
    """
    pages = alto_pages(path)
    several = len(pages) > 1
    return FileText([PageText({}, page_blocks(page), page.sheet.number if several else None) for page in pages])


def alto_pages(path: Path) -> list[ZonePage]:
    """The pages of an ALTO file as zones.

    Raises:
        UnreadableFileError: it is not XML, or has another format.
    """
    root = read_xml(path)
    pages = root.findall(".//Page")
    if root.tag.lower() != "alto" or not pages:
        raise UnreadableFileError(
            f"{path}: 这种 XML 读不了，只读 ALTO、PAGE、METS 与 RSS、Atom (unsupported XML): <{str(root.tag)[:40]}>"
        )
    sizes = {str(style.get("ID")): to_number(style.get("FONTSIZE")) for style in root.iter("TextStyle")}
    tags = {
        str(tag.get("ID")): str(tag.get("LABEL") or tag.get("TYPE") or "").lower()
        for group in root.iter("Tags")
        for tag in group
        if isinstance(tag.tag, str)
    }
    image = PureWindowsPath((root.findtext(".//sourceImageInformation/fileName") or "").strip()).name
    return [_Page(page, number, image, sizes, tags).read() for number, page in enumerate(pages, 1)]


class _Page:
    """One page: first its styles and tags, then its zones."""

    def __init__(self, page: _Element, number: int, image: str, sizes: dict[str, float], tags: dict[str, str]) -> None:
        self.page = page
        self.sizes = sizes
        self.tags = tags
        width, height = to_number(page.get("WIDTH")), to_number(page.get("HEIGHT"))
        if width <= 0 or height <= 0:  # older files give only the print space
            reach = box_around(_box(element) for element in page.iter("PrintSpace", "TextBlock", "TextLine"))
            width, height = (reach[2], reach[3]) if reach else (0.0, 0.0)
        self.sheet = Sheet(image, number, round(width), round(height))

    def read(self) -> ZonePage:
        zones = [zone for element in self.page.iter("TextBlock", *_PICTURES) if (zone := self._zone(element))]
        named = [ref.get("REF") for order in self.page.iter("ReadingOrder") for ref in order.iter("ElementRef")]
        order = named or _chained(self.page)
        return ZonePage(self.sheet, by_reference(zones, order) if order else zones, str(self.page.get("ID") or ""))

    def _zone(self, element: _Element) -> Zone | None:
        identity = str(element.get("ID") or "")
        if element.tag in _PICTURES:
            return Zone(identity, kind="picture", box=_box(element)) if element.tag == "Illustration" else None
        own = self._size(element)
        lines = [line for child in element.iter("TextLine") if (line := self._line(child, own)).text.strip()]
        labels = [self.tags.get(name, "") for name in (element.get("TAGREFS") or "").split()]
        marked = any(word in label for label in labels for word in _HEADING_TAGS)
        box = _box(element) or box_around(line.box for line in lines)
        return Zone(identity, lines, "heading" if marked else "text", box) if lines else None

    def _line(self, line: _Element, size: float) -> ZoneLine:
        words = [child for child in line if child.tag == "String"]
        hyphenated = any(child.tag == "HYP" for child in line)
        own = max((found for child in (line, *words) if (found := self._size(child))), default=size)
        box = _box(line) or box_around(_box(word) for word in words)
        return ZoneLine("".join(_words(line)), box, own, mean(_confidence(word) for word in words), hyphenated)

    def _size(self, element: _Element) -> float:
        return max((self.sizes.get(name, 0.0) for name in (element.get("STYLEREFS") or "").split()), default=0.0)


def _words(line: _Element) -> Iterator[str]:
    for element in line:
        if element.tag == "String":
            yield element.get("CONTENT") or ""
        elif element.tag == "SP":
            yield " "


def _confidence(word: _Element) -> float | None:
    return to_number(word.get("WC")) if word.get("WC") else None


def _box(element: _Element) -> tuple[float, float, float, float] | None:
    if element.get("HPOS") is None or element.get("WIDTH") is None:
        return None
    left, top = to_number(element.get("HPOS")), to_number(element.get("VPOS"))
    box = (left, top, left + to_number(element.get("WIDTH")), top + to_number(element.get("HEIGHT")))
    return box if box[2] > box[0] and box[3] > box[1] else None


def _chained(page: _Element) -> list[str]:
    """The order given by blocks that name their successor (IDNEXT, in ALTO 2 and 3); empty if none does."""
    following = {str(block.get("ID")): str(block.get("IDNEXT")) for block in page.iter() if block.get("IDNEXT")}
    order: list[str] = []
    for start in [str(block.get("ID")) for block in page.iter("TextBlock")]:
        if start in following.values() and start not in order:
            continue
        while start and start not in order:
            order.append(start)
            start = following.get(start, "")
    return order if following else []


FORMATS = (Format("alto", (".xml",), read_alto, lambda head: root_name(head) == "alto"),)
