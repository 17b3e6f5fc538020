"""OFD (GB/T 33190), the fixed layout of Chinese offices: positioned text, laid out like that of a PDF."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ....regions import Sheet
from ...content.characters import clean
from ...content.files import UnreadableFileError
from ...layout.columns import layout_blocks
from ...layout.lines import Line
from ...layout.places import fractions
from ..base import FileText, Format, Options, PageText, member, open_zip

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_PAGES = 600
_HEADING = 1.18
_A4 = (210.0, 297.0)


def read_ofd(path: Path, _options: Options) -> FileText:
    """Read the pages of an OFD file, at most 600.

    Raises:
        UnreadableFileError: it is broken, contains only pictures, or would unpack to more than 256 MB.
    """
    result = FileText()
    with open_zip(path, ".ofd") as archive:
        try:
            pages = list(_pages(archive))
            for number, name in enumerate(pages[:_MOST_PAGES], 1):
                lines, sheet = _lines(_root(archive, name), number)
                if lines:
                    blocks = layout_blocks(lines, _HEADING, sheet)
                    result.pages.append(PageText({}, blocks, number if len(pages) > 1 else None))
        except Exception as error:  # lxml, zlib and zipfile raise their own errors for a broken file
            raise UnreadableFileError(f"{path}: 不是可读的 .ofd (cannot read): {type(error).__name__}") from error
    if not result.pages:
        raise UnreadableFileError(f"{path}: 里面没有文字，只有图片的请转成 PDF 再识别 (no text in it)")
    if len(pages) > _MOST_PAGES:
        result.problems.append(f"{path}: 有 {len(pages)} 页，只读了前 {_MOST_PAGES} 页 (only the first were read)")
    return result


def _pages(archive: ZipFile) -> Iterator[str]:
    """The names of the page contents of every document in the file, in order."""
    for place in _texts(_root(archive, "OFD.xml"), "DocRoot"):
        document = place.strip("/")
        base = posixpath.dirname(document)
        for page in _root(archive, document).iter("{*}Page"):
            location = str(page.get("BaseLoc") or "")
            yield location.strip("/") if location.startswith("/") else posixpath.normpath(f"{base}/{location}")


def _root(archive: ZipFile, name: str) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(member(archive, name), parser)


def _texts(root: _Element, tag: str) -> Iterator[str]:
    return (str(node.text).strip() for node in root.iter("{*}" + tag) if node.text)


def _lines(root: _Element, number: int) -> tuple[list[Line], Sheet]:
    box = next(_texts(root, "PhysicalBox"), "").split()
    width, height = (float(box[2]), float(box[3])) if len(box) == 4 else _A4
    sheet = Sheet("", number, round(width), round(height))
    lines = []
    for item in root.iter("{*}TextObject"):
        left, top, across, down = (float(value) for value in str(item.get("Boundary")).split())
        text = clean("".join(_texts(item, "TextCode"))).strip()
        if text:
            place = fractions(left, top, left + across, top + down, width, height)
            size = float(item.get("Size") or 0)
            lines.append(Line(left, top, left + across, top + down, text, size=size, box=place))
    return lines, sheet


FORMATS = (Format("ofd", (".ofd",), read_ofd),)
