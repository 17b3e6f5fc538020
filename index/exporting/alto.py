"""ALTO 4 files of pages: the lines of the articles with their places and confidences."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from ..article import Article
from ..regions import Box, Region, around
from .sheets import SheetArticles, region_text

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_HEADINGS = ("kicker", "headline", "subtitle")


def alto(place: SheetArticles) -> bytes:
    """One page image as an ALTO file; each block refers to its article by a tag."""
    from lxml import etree

    root = etree.Element("alto", nsmap={None: _NAMESPACE})
    description = etree.SubElement(root, "Description")
    etree.SubElement(description, "MeasurementUnit").text = "pixel"
    image = etree.SubElement(description, "sourceImageInformation")
    etree.SubElement(image, "fileName").text = place.image
    tags = etree.SubElement(root, "Tags")
    for kind in _HEADINGS:
        etree.SubElement(tags, "LayoutTag", ID=f"T.{kind}", LABEL="heading", DESCRIPTION=kind)
    for number, (article, _) in enumerate(place.articles, 1):
        etree.SubElement(tags, "StructureTag", ID=f"A{number}", LABEL="article", DESCRIPTION=_plain(article.id))
    layout = etree.SubElement(root, "Layout")
    size = {"WIDTH": str(place.width), "HEIGHT": str(place.height)}
    page = etree.SubElement(layout, "Page", ID="P1", PHYSICAL_IMG_NR=str(place.sheet.number), **size)
    if place.page is not None:
        page.set("PRINTED_IMG_NR", str(place.page))
    space = etree.SubElement(page, "PrintSpace", HPOS="0", VPOS="0", **size)
    count = 0
    for number, (article, regions) in enumerate(place.articles, 1):
        for kind, lines in _blocks(article, regions):
            count += 1
            _add_block(space, place, f"B{count}", f"A{number}", kind, article, lines)
    etree.cleanup_namespaces(root)
    return _in_namespace(root)


def _blocks(article: Article, regions: list[Region]) -> Iterator[tuple[str, list[Region]]]:
    """Group consecutive regions into blocks: a paragraph's lines, a headline's parts, or a single picture."""

    def block(region: Region) -> tuple[str, int]:
        paragraph = article.body.count("\n", 0, region.start) if region.start is not None else 0
        return region.kind, paragraph if region.kind == "line" else 0

    for (kind, _), group in groupby(regions, key=block):
        if kind == "picture":
            yield from ((kind, [region]) for region in group)
        else:
            yield kind, list(group)


def _add_block(
    space: _Element, place: SheetArticles, name: str, tag: str, kind: str, article: Article, lines: list[Region]
) -> None:
    from lxml import etree

    whole = around(region.box for region in lines)
    assert whole is not None  # a group is never empty
    if kind == "picture":
        etree.SubElement(space, "Illustration", ID=name, TAGREFS=tag, **_position(whole, place))
        return
    tags = f"{tag} T.{kind}" if kind in _HEADINGS else tag
    block = etree.SubElement(space, "TextBlock", ID=name, TAGREFS=tags, **_position(whole, place))
    for number, region in enumerate(lines, 1):
        text = _plain(region_text(article, region))
        if not text.strip():
            continue
        line = etree.SubElement(block, "TextLine", ID=f"{name}L{number}", **_position(region.box, place))
        string = etree.SubElement(line, "String", CONTENT=text, **_position(region.box, place))
        if region.confidence is not None:
            string.set("WC", f"{region.confidence:.3f}")


def _position(box: Box, place: SheetArticles) -> dict[str, str]:
    left, top = round(box.left * place.width, 1), round(box.top * place.height, 1)
    width, height = round(box.right * place.width - left, 1), round(box.bottom * place.height - top, 1)
    return {"HPOS": f"{left:g}", "VPOS": f"{top:g}", "WIDTH": f"{width:g}", "HEIGHT": f"{height:g}"}


def _plain(text: str) -> str:
    """The text without characters that XML does not allow."""
    return "".join(character for character in text if character >= " " and character not in "\ufffe\uffff")


def _in_namespace(root: _Element) -> bytes:
    from lxml import etree

    for element in root.iter():
        element.tag = f"{{{_NAMESPACE}}}{element.tag}"
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
