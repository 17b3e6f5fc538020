"""OpenDocument text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..blocks import Block, Form
from ..content.files import UnreadableFileError
from .base import FileText, Format, Options, PageText, member, open_zip

if TYPE_CHECKING:
    from lxml.etree import _Element

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_GONE = {f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls"}


def read_odt(path: Path, _options: Options) -> FileText:
    """Read an OpenDocument text as a page.

    Raises:
        UnreadableFileError: it is broken, or would unpack to more than 256 MB.
    """
    from lxml import etree

    with open_zip(path, ".odt") as archive:
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
            root = etree.fromstring(member(archive, "content.xml"), parser)
        except Exception as error:  # lxml and zlib raise their own errors for a broken file
            raise UnreadableFileError(f"{path}: 不是可读的 .odt (cannot read): {type(error).__name__}") from error
    blocks = []
    for number, block in enumerate(_blocks(root), 1):
        block.line, block.gap = number, True
        blocks.append(block)
    return FileText([PageText({}, blocks)])


def _blocks(parent: _Element) -> Iterator[Block]:
    stack = [parent]
    while stack:
        node = stack.pop()
        if node.tag in _GONE:
            continue
        if node.tag == f"{_TEXT}h":
            level = int(node.get(f"{_TEXT}outline-level") or 1)
            yield from (Block(Form.HEADING, text, 0, level=min(6, level)) for text in _lines(node))
        elif node.tag == f"{_TEXT}p":
            for text in _lines(node):
                yield Block(Form.TEXT, text.strip(), 0, indented=text[:1] == "\u3000")
        elif node.tag == f"{_TABLE}table-row":
            cells = [" ".join(" ".join(_lines(cell)).split()) for cell in node if cell.tag == f"{_TABLE}table-cell"]
            if any(cells):
                yield Block(Form.TABLE, " | ".join(cells), 0)
        else:
            stack.extend(reversed(node))


def _lines(node: _Element) -> list[str]:
    pieces: list[str] = []
    for element in node.iter():
        if element.tag in (f"{_TEXT}line-break", f"{_TEXT}p") and element is not node:
            pieces.append("\n")
        elif element.tag in (f"{_TEXT}s", f"{_TEXT}tab"):
            pieces.append(" ")
        pieces.append(element.text or "")
        if element is not node:
            pieces.append(element.tail or "")
    return [line.rstrip() for line in "".join(pieces).split("\n") if line.strip()]


FORMATS = (Format("odt", (".odt",), read_odt),)
