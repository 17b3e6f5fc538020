"""ALTO and PAGE XML: what libraries' recognition gives, blocks with their places and type sizes."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..blocks import Block, Form
from ..files import UnreadableFileError, read_bytes
from .base import FileText, Format, Options, PageText

_HEADING = 1.25


def read_alto(path: Path, _options: Options) -> FileText:
    """The pages of an ALTO or PAGE file.

    Raises:
        UnreadableFileError: it is no XML, or of another kind.
    """
    from lxml import etree

    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(read_bytes(path), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的 XML (cannot read): {type(error).__name__}") from error
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    pages = root.findall(".//Page")
    if not pages:
        raise UnreadableFileError(f"{path}: 这种 XML 读不了，只读 ALTO 与 PAGE (unsupported XML): <{root.tag}>")
    sizes = {style.get("ID"): float(style.get("FONTSIZE") or 0) for style in root.iter("TextStyle")}
    several = len(pages) > 1
    result = FileText()
    for index, page in enumerate(pages, 1):
        blocks = list(_alto_blocks(page, sizes)) or list(_page_blocks(page))
        result.pages.append(PageText({}, blocks, index if several else None))
    return result


def _alto_blocks(page: Any, sizes: dict[str | None, float]) -> Iterator[Block]:
    found: list[tuple[str, float]] = []
    for block in page.iter("TextBlock"):
        lines = ["".join(_words(line)) for line in block.iter("TextLine")]
        styles = [
            sizes[name]
            for element in block.iter()
            for name in (element.get("STYLEREFS") or "").split()
            if name in sizes
        ]
        heights = [float(line.get("HEIGHT") or 0) for line in block.iter("TextLine")]
        if text := "".join(lines).strip():
            found.append((text, max(styles, default=0.0) or max(heights, default=0.0)))
    yield from _sized(found)


def _words(line: Any) -> Iterator[str]:
    for element in line:
        if element.tag == "String":
            yield element.get("CONTENT") or ""
        elif element.tag == "SP":
            yield " "


def _page_blocks(page: Any) -> Iterator[Block]:
    found = []
    for region in page.iter("TextRegion"):
        text = "".join(line.findtext("TextEquiv/Unicode") or "" for line in region.iter("TextLine"))
        text = text or region.findtext("TextEquiv/Unicode") or ""
        kind = region.get("type") or ""
        if text.strip():
            found.append((text.strip(), 2.0 if kind in ("heading", "header-heading") else 1.0))
    yield from _sized(found)


def _sized(found: list[tuple[str, float]]) -> Iterator[Block]:
    """Blocks of which those set larger than usual are headings."""
    sizes = sorted(size for text, size in found if size for _ in text)
    usual = statistics.median(sizes) if sizes else 0.0
    large = sorted({size for _, size in found if usual and size >= _HEADING * usual}, reverse=True)
    for number, (text, size) in enumerate(found, 1):
        text = re.sub(r"\s+", " ", text)
        if size in large:
            yield Block(Form.HEADING, text, number, level=min(6, 1 + large.index(size)), gap=True)
        else:
            yield Block(Form.TEXT, text, number, gap=True)


FORMATS = (Format("alto", (".xml",), read_alto),)
