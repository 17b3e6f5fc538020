"""hOCR: recognised pages as HTML, with the place of each part in its title attribute."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from ...regions import Sheet
from ..content.files import UnreadableFileError, read_text_noted
from ..content.xml import to_number
from ..layout.places import mean
from ..layout.zones import Zone, ZoneLine, ZonePage, box_around, page_blocks
from .base import FileText, Format, Options, PageText

if TYPE_CHECKING:
    from lxml.etree import _Element

_PROPERTY = re.compile(r"""\b(bbox|x_size|x_wconf|image|ppageno)\s+("[^"]*"|'[^']*'|[^;]*)""")
_LINES = ("ocr_line", "ocrx_line", "ocr_header", "ocr_caption", "ocr_textfloat")
_PICTURES = ("ocr_photo", "ocr_image", "ocr_linedrawing")
_ZONES = ("ocr_par", "ocr_carea", "ocrx_block")


def read_hocr(path: Path, _options: Options) -> FileText:
    """The pages of an hOCR file.

    Raises:
        UnreadableFileError: it contains no page.
    """
    from lxml import html

    text, notes = read_text_noted(path)
    try:
        root = html.document_fromstring(
            re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=html.HTMLParser(no_network=True, huge_tree=True)
        )
    except Exception as error:  # lxml raises various errors for input that is not HTML
        raise UnreadableFileError(f"{path}: 不是可读的 hOCR (cannot read): {type(error).__name__}") from error
    pages = [_page(page, number) for number, page in enumerate(_of_class(root, "ocr_page"), 1)]
    if not pages:
        raise UnreadableFileError(f"{path}: hOCR 里没有页 (no page in it)")
    if not any(page.zones for page in pages):  # empty, or nested deeper than the parser's limit
        raise UnreadableFileError(f"{path}: hOCR 里没有读出文字 (no text in it)")
    several = len(pages) > 1
    return FileText(
        [PageText({}, page_blocks(page), page.sheet.number if several else None) for page in pages], notes=notes
    )


def _page(page: _Element, number: int) -> ZonePage:
    values = _properties(page)
    box = _box(values)
    image = PureWindowsPath(values.get("image", "").strip("\"' ")).name
    sheet = Sheet(image, number, round(box[2]) if box else 0, round(box[3]) if box else 0)
    zones: list[Zone] = []
    homes: dict[_Element, Zone] = {}
    for element in page.iter():
        kinds = _classes(element)
        if kinds & set(_PICTURES):
            zones.append(Zone("", kind="picture", box=_box(_properties(element))))
        elif kinds & set(_LINES) and (line := _line(element)).text:
            home = next((above for above in element.iterancestors() if _classes(above) & set(_ZONES)), page)
            kind = "caption" if "ocr_caption" in kinds else "text"
            if home not in homes or homes[home].kind != kind:
                homes[home] = Zone("", kind=kind, box=_box(_properties(home)) if home is not page else None)
                zones.append(homes[home])
            homes[home].lines.append(line)
    return ZonePage(sheet, zones)


def _line(line: _Element) -> ZoneLine:
    values = _properties(line)
    words = [_properties(word) for word in _of_class(line, "ocrx_word")]
    sure = mean(to_number(word["x_wconf"]) / 100 for word in words if word.get("x_wconf", "").strip())
    box = _box(values) or box_around(_box(word) for word in words)
    return ZoneLine(" ".join("".join(line.itertext()).split()), box, to_number(values.get("x_size")), sure)


def _properties(element: _Element) -> dict[str, str]:
    return {name: value.strip() for name, value in _PROPERTY.findall(element.get("title") or "")}


def _box(values: dict[str, str]) -> tuple[float, float, float, float] | None:
    sides = [to_number(side) for side in values.get("bbox", "").split()]
    if len(sides) != 4 or sides[0] >= sides[2] or sides[1] >= sides[3]:
        return None
    return sides[0], sides[1], sides[2], sides[3]


def _classes(element: _Element) -> set[str]:
    return set((element.get("class") or "").split()) if isinstance(element.tag, str) else set()


def _of_class(root: _Element, name: str) -> list[_Element]:
    return [element for element in root.iter() if name in _classes(element)]


def _is_hocr(head: bytes) -> bool:
    return re.search(rb"ocr-system|ocr-capabilities|class\s*=\s*[\"'][^\"']*\bocr_page\b", head) is not None


FORMATS = (Format("hocr", (".hocr",), read_hocr, _is_hocr),)
