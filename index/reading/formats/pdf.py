"""PDF: the text layer in columns, horizontal or vertical; pages without a usable text layer go to recognition."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...regions import Sheet
from ..content.characters import clean, unlikely
from ..content.files import UnreadableFileError, read_bytes
from ..layout.columns import layout_blocks, vertical_blocks
from ..layout.documents import as_document, is_document, is_one_column
from ..layout.glyphs import lines_of
from ..layout.lines import Line
from ..layout.places import fractions
from .base import FileText, Format, Options, PageText
from .scan import can_recognise, read_scan, recognised

if TYPE_CHECKING:
    from pdfminer.layout import LTChar, LTContainer, LTPage

MAX_PDF_PAGES = 600
_CID = re.compile(r"\(cid:\d+\)")
_UNMAPPED = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08]|\(cid:\d+\)")
_MOST_UNMAPPED = 0.2
_LEAST_TEXT = 10  # characters: a scanned page may have a stamp or number as text
_MOST_OF = 0.6  # share of a page's area
_BELOW = 0.12  # of a Chinese character's size: how far it extends below its baseline
_HEADING = 1.18  # a text layer's sizes are exact, so a smaller ratio than in recognised text shows a headline


def read_pdf(path: Path, options: Options) -> FileText:
    """Read the pages of a PDF, at most 600.

    Raises:
        UnreadableFileError: it is broken or encrypted, or needs recognition, which is not installed.
    """
    from pdfminer.pdfpage import PDFPage

    read_bytes(path)
    result = FileText()
    unread: list[int] = []
    columns: list[bool] = []  # for each page, whether it has one column
    try:
        with _quiet():
            with path.open("rb") as file:
                count = sum(1 for _ in PDFPage.get_pages(file))
            for page in _pages(path):
                text = "".join(glyph.text for glyph in page.glyphs).strip()
                if _is_unreadable(text) or (page.pictured and len(text) < _LEAST_TEXT):
                    unread.append(page.sheet.number)
                elif text:
                    lines, vertical = lines_of(page.glyphs)
                    blocks = (vertical_blocks if vertical else layout_blocks)(lines, _HEADING, page.sheet)
                    result.pages.append(PageText({}, blocks, page.sheet.number if count > 1 else None))
                    columns.append(not vertical and is_one_column(lines))
    except Exception as error:  # pdfminer raises many kinds of errors for a broken or encrypted file
        raise UnreadableFileError(f"{path}: 不是可读的 PDF，或已加密 (cannot read): {type(error).__name__}") from error
    if not result.pages:
        return read_scan(path, options)
    mostly = 2 * sum(columns) > len(columns)
    if mostly and not unread and is_document([page.blocks for page in result.pages]):
        blocks = as_document([(page.number, page.blocks) for page in result.pages])
        result.pages = [PageText({}, blocks)]
    _recognise(path, unread, result, options)
    if count > MAX_PDF_PAGES:
        result.problems.append(f"{path}: 有 {count} 页，只读了前 {MAX_PDF_PAGES} 页 (only the first were read); 请拆开")
    return result


def _recognise(path: Path, unread: list[int], result: FileText, options: Options) -> None:
    """Recognise the pages whose text layer lacks a correct character map."""
    if not unread:
        return
    if can_recognise():
        result.add(recognised(path, options, unread))
        result.pages.sort(key=lambda page: page.number or 0)
    else:
        result.problems.append(f"{path}: 有的页文字没有编码，需要文字识别 (some pages need OCR)")


def _is_unreadable(text: str) -> bool:
    """Whether a page's characters differ from those it shows, because their map is missing or wrong."""
    lost = len(_UNMAPPED.findall(text))
    return lost > _MOST_UNMAPPED * (len(_CID.sub("", text)) + lost) or unlikely(text)


@dataclass(frozen=True)
class _Page:
    """A page's characters, and whether a picture covers most of it."""

    sheet: Sheet
    glyphs: list[Line]
    pictured: bool


def _pages(path: Path) -> Iterator[_Page]:
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage

    manager = PDFResourceManager()
    device = PDFPageAggregator(manager, laparams=None)  # its own layout analysis is slow and ignores vertical lines
    interpreter = PDFPageInterpreter(manager, device)
    with path.open("rb") as file:
        for number, source in enumerate(PDFPage.get_pages(file, maxpages=MAX_PDF_PAGES), 1):
            interpreter.process_page(source)
            page = device.get_result()
            glyphs = [placed for character in _characters(page) if (placed := _placed(character, page)) is not None]
            yield _Page(Sheet("", number, round(page.width), round(page.height)), glyphs, _is_pictured(page))


def _is_pictured(page: LTPage) -> bool:
    """Whether one picture covers most of a page, as on a scan."""
    from pdfminer.layout import LTFigure, LTImage

    parts: list[LTContainer] = [page]
    while parts:
        for item in parts.pop():
            if isinstance(item, LTFigure):
                parts.append(item)
            elif isinstance(item, LTImage) and item.width * item.height > _MOST_OF * page.width * page.height:
                return True
    return False


def _characters(container: LTContainer) -> Iterator[LTChar]:
    from pdfminer.layout import LTChar, LTFigure

    for item in container:
        if isinstance(item, LTChar):
            yield item
        elif isinstance(item, LTFigure):
            yield from _characters(item)


def _placed(character: LTChar, page: LTPage) -> Line | None:
    text = _once(clean(character.get_text()))
    if not text:
        return None
    low, high = _em_square(character, text)
    top, bottom = page.height - high, page.height - low
    box = fractions(character.x0, top, character.x1, bottom, page.width, page.height)
    return Line(character.x0, top, character.x1, bottom, text, box=box)


def _once(text: str) -> str:
    """A glyph's text without repetition, if its map contains both a character and the similar radical, or 𝑛𝑛."""
    return text[0] if len(text) > 1 and "\u2e80" < text[0] == text[-1] and len(set(text)) == 1 else text


def _em_square(character: LTChar, text: str) -> tuple[float, float]:
    """The lower and upper edge of a character.

    A Chinese character fills its em square, whose position relative to the baseline is the same in all fonts; the
    heights given by fonts differ.
    """
    across, up, aside, down, _, base = character.matrix
    upright = across > 0 and down > 0 and not up and not aside and character.upright
    if text < "\u2e80" or not upright or not character.y0 <= base <= character.y1:
        return character.y0, character.y1
    return base - _BELOW * character.size, base + (1 - _BELOW) * character.size


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence pdfminer, which warns about every odd font; the reader reports what matters."""
    log = logging.getLogger("pdfminer")
    level, log.disabled = log.level, True
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
        log.disabled = False


FORMATS = (Format("pdf", (".pdf",), read_pdf, lambda head: head.startswith(b"%PDF-")),)
