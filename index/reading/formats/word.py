"""Word files: body text with insertions, text boxes, content controls and notes; deleted text is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ..blocks import Block, Form
from ..content.files import UnreadableFileError
from .base import FileText, Format, Options, PageText, member, open_zip

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE = {
    f"{_W}del",
    f"{_W}moveFrom",
    f"{_W}delText",
    f"{_W}instrText",
    f"{_W}fldSimple_",
    f"{_W}rPrChange",
    f"{_W}pPrChange",
}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING_STYLE = re.compile(r"^(?:heading|标题|Heading)\s*(\d)$|^(\d)$", re.IGNORECASE)
_LARGE = 1.25  # times the usual size: a larger centred or bold paragraph is a headline
_LARGEST_TITLE = 60


def read_docx(path: Path, _options: Options) -> FileText:
    """Read a Word document as one page, starting with its page headers.

    Raises:
        UnreadableFileError: it is broken, or would unpack to more than 256 MB.
    """
    from lxml import etree

    with open_zip(path, ".docx") as archive:
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
            body = etree.fromstring(member(archive, "word/document.xml"), parser)
            document = _Document(archive, parser)
            blocks = [*document.headers(), *document.blocks(body)]
        except (etree.XMLSyntaxError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
            raise UnreadableFileError(f"{path}: 不是可读的 .docx (cannot read): {type(error).__name__}") from error
        except Exception as error:  # zlib and struct raise their own errors for a broken member
            raise UnreadableFileError(f"{path}: 不是可读的 .docx (cannot read): {type(error).__name__}") from error
    return FileText([PageText({}, blocks)])


class _Document:
    """The parts of a document: its styles, notes and headers."""

    def __init__(self, archive: ZipFile, parser: XMLParser) -> None:
        self.archive = archive
        self.parser = parser
        self.levels = self._levels()
        self.notes = {kind: self._notes(kind) for kind in ("footnote", "endnote")}
        self.line = 0
        self.usual = 0.0

    def headers(self) -> Iterator[Block]:
        """Yield the paragraphs of the page headers, without repetition: newspapers have their masthead there."""
        seen: set[str] = set()
        for name in sorted(n for n in self.archive.namelist() if re.fullmatch(r"word/header\d*\.xml", n)):
            for paragraph in self._part(name).iter(f"{_W}p"):
                text = " ".join(_text(paragraph).split())
                if text not in seen and re.search(r"[^\W\d_]", text):  # a page number alone is not useful
                    seen.add(text)
                    yield Block(Form.TEXT, text, 0)

    def blocks(self, body: _Element) -> Iterator[Block]:
        """Yield the blocks of the body in order; a text box follows its anchor paragraph."""
        sizes = [size for paragraph in body.iter(f"{_W}p") if (size := _size(paragraph)) for _ in _text(paragraph)]
        self.usual = sorted(sizes)[len(sizes) // 2] if sizes else 0.0
        yield from self._inside(body)

    def _inside(self, parent: _Element) -> Iterator[Block]:
        for child in parent:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag not in _GONE and isinstance(child.tag, str) and len(child):
                yield from self._inside(child)  # content controls, smart tags, insertions around paragraphs

    def _paragraph(self, paragraph: _Element) -> Iterator[Block]:
        self.line += 1
        form, level = self._form(paragraph)
        for text in _text(paragraph).split("\n"):
            indented = text[:1] == "\u3000" or paragraph.find(f"{_W}pPr/{_W}ind[@{_W}firstLine]") is not None
            if text.strip():
                yield Block(form, " ".join(text.split()), self.line, level=level, indented=indented, gap=True)
        for box in _boxes(paragraph):
            yield from self._inside(box)
        for kind, notes in self.notes.items():
            for reference in paragraph.iter(f"{_W}{kind}Reference"):
                if note := notes.get(str(reference.get(f"{_W}id"))):
                    yield Block(Form.TEXT, note, self.line, gap=True)

    def _table(self, table: _Element) -> Iterator[Block]:
        """Yield a table's rows, or its blocks if it is only used for layout or contains other tables."""
        for row in table.iter(f"{_W}tr"):
            if next(row.iterancestors(f"{_W}tbl")) is not table:
                continue
            cells = [cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row]
            texts = [" ".join(" ".join(_text(p) for p in cell.iter(f"{_W}p")).split()) for cell in cells]
            filled = [text for text in texts if text]
            nested = any(True for cell in cells for _ in cell.iter(f"{_W}tbl"))
            if len(cells) > 1 and not nested and all(len(text) <= 80 for text in filled):
                self.line += 1
                if filled:
                    yield Block(Form.TABLE, " | ".join(texts), self.line)
            else:
                for cell in cells:
                    yield from self._inside(cell)

    def _form(self, paragraph: _Element) -> tuple[Form, int]:
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        level = self.levels.get(str(style.get(f"{_W}val")), 0) if style is not None else 0
        if level:
            return Form.HEADING, level
        text = _text(paragraph).strip()
        size = _size(paragraph)
        if size and self.usual and size >= _LARGE * self.usual and 0 < len(text) <= _LARGEST_TITLE:
            return Form.HEADING, 1
        runs = [run for run in paragraph.iter(f"{_W}r") if _text(run).strip()]
        return (Form.BOLD if runs and all(map(_is_bold, runs)) else Form.TEXT), 0

    def _levels(self) -> dict[str, int]:
        """Style → heading level, by the style's own name: ids depend on Word's language."""
        found: dict[str, int] = {}
        styles = self._part("word/styles.xml")
        for style in styles.iter(f"{_W}style"):
            name = style.find(f"{_W}name")
            label = str(name.get(f"{_W}val")) if name is not None else ""
            if match := _HEADING_STYLE.match(label):
                found[str(style.get(f"{_W}styleId"))] = int(match[1] or match[2])
            elif label.lower() == "title":
                found[str(style.get(f"{_W}styleId"))] = 1
        return found

    def _notes(self, kind: str) -> dict[str, str]:
        notes = self._part(f"word/{kind}s.xml")
        return {str(note.get(f"{_W}id")): " ".join(_text(note).split()) for note in notes.iter(f"{_W}{kind}")}

    def _part(self, name: str) -> _Element:
        from lxml import etree

        data = member(self.archive, name)
        return etree.fromstring(data, self.parser) if data else etree.Element("none")


def _text(element: _Element) -> str:
    """The text of a paragraph or run with line breaks, but without text boxes, deletions and moved text."""
    pieces: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag in _GONE or node.tag == f"{_W}txbxContent" or node.tag == _FALLBACK:
            continue
        if node.tag == f"{_W}t":
            pieces.append(node.text or "")
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif node.tag == f"{_W}tab" and node.getparent().tag == f"{_W}r":
            pieces.append(" ")
        elif node.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        stack.extend(reversed(node))
    return "".join(pieces)


def _boxes(paragraph: _Element) -> Iterator[_Element]:
    """Yield the text boxes anchored to a paragraph once each: Word stores a second copy for old readers."""
    for box in paragraph.iter(f"{_W}txbxContent"):
        above = list(box.iterancestors())
        inner = above[: above.index(paragraph)]
        if not any(node.tag in (_FALLBACK, f"{_W}txbxContent") for node in inner):
            yield box


def _size(paragraph: _Element) -> float:
    sizes = [
        float(size.get(f"{_W}val") or 0) for size in paragraph.iterfind(f"{_W}r/{_W}rPr/{_W}sz") if size is not None
    ]
    return max(sizes, default=0.0)


def _is_bold(run: _Element) -> bool:
    bold = run.find(f"{_W}rPr/{_W}b")
    return bold is not None and bold.get(f"{_W}val") not in ("0", "false", "off")


FORMATS = (Format("docx", (".docx",), read_docx),)
