"""PDF: the text layer in its columns, horizontal or vertical; pages without a usable one go to recognition."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...regions import Sheet
from ..characters import clean, unlikely
from ..files import UnreadableFileError, read_bytes
from ..layout.columns import Line, layout_blocks, vertical_blocks
from ..layout.glyphs import lines_of
from ..layout.places import fractions
from .base import FileText, Format, Options, PageText
from .scan import can_recognise, read_scan, recognised

if TYPE_CHECKING:
    from pdfminer.layout import LTChar, LTContainer, LTPage

MAX_PDF_PAGES = 600
_CID = re.compile(r"\(cid:\d+\)")
_UNMAPPED = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08]|\(cid:\d+\)")
_MOST_UNMAPPED = 0.2
_HEADING = 1.18  # a text layer's sizes are exact, so that less than recognition needs shows a headline


def read_pdf(path: Path, options: Options) -> FileText:
    """The pages of a PDF, 600 at most.

    Raises:
        UnreadableFileError: it is broken or encrypted, or needs recognition, which is not installed.
    """
    from pdfminer.pdfpage import PDFPage

    read_bytes(path)
    result = FileText()
    unread: list[int] = []
    try:
        with _quiet():
            with path.open("rb") as file:
                count = sum(1 for _ in PDFPage.get_pages(file))
            for number, glyphs, sheet in _pages(path):
                text = "".join(glyph.text for glyph in glyphs).strip()
                if _is_unreadable(text):
                    unread.append(number)
                elif text:
                    lines, vertical = lines_of(glyphs)
                    blocks = (vertical_blocks if vertical else layout_blocks)(lines, _HEADING, sheet)
                    result.pages.append(PageText({}, blocks, number if count > 1 else None))
    except Exception as error:  # pdfminer raises many kinds for a broken or encrypted file
        raise UnreadableFileError(f"{path}: 不是可读的 PDF，或已加密 (cannot read): {type(error).__name__}") from error
    if not result.pages:
        return read_scan(path, options)
    _recognise(path, unread, result)
    if count > MAX_PDF_PAGES:
        result.problems.append(f"{path}: 有 {count} 页，只读了前 {MAX_PDF_PAGES} 页 (only the first were read); 请拆开")
    return result


def _recognise(path: Path, unread: list[int], result: FileText) -> None:
    """Read by recognition the pages whose text has no right map of characters."""
    if not unread:
        return
    if can_recognise():
        result.pages += recognised(path, unread)
        result.pages.sort(key=lambda page: page.number or 0)
    else:
        result.problems.append(f"{path}: 有的页文字没有编码，需要文字识别 (some pages need OCR)")


def _is_unreadable(text: str) -> bool:
    """Whether a page's characters are not the ones it shows: they have no map, or a wrong one."""
    lost = len(_UNMAPPED.findall(text))
    return lost > _MOST_UNMAPPED * (len(_CID.sub("", text)) + lost) or unlikely(text)


def _pages(path: Path) -> Iterator[tuple[int, list[Line], Sheet]]:
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage

    manager = PDFResourceManager()
    device = PDFPageAggregator(manager, laparams=None)  # its own layout is slow, and knows no vertical lines
    interpreter = PDFPageInterpreter(manager, device)
    with path.open("rb") as file:
        for number, source in enumerate(PDFPage.get_pages(file, maxpages=MAX_PDF_PAGES), 1):
            interpreter.process_page(source)
            page = device.get_result()
            glyphs = [placed for character in _characters(page) if (placed := _placed(character, page)) is not None]
            yield number, glyphs, Sheet("", number, round(page.width), round(page.height))


def _characters(container: LTContainer) -> Iterator[LTChar]:
    from pdfminer.layout import LTChar, LTFigure

    for item in container:
        if isinstance(item, LTChar):
            yield item
        elif isinstance(item, LTFigure):
            yield from _characters(item)


def _placed(character: LTChar, page: LTPage) -> Line | None:
    text = clean(character.get_text())
    if not text:
        return None
    top, bottom = page.height - character.y1, page.height - character.y0
    box = fractions(character.x0, top, character.x1, bottom, page.width, page.height)
    return Line(character.x0, top, character.x1, bottom, text, box=box)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pdfminer silent: it warns of every odd font; what matters is said by the reader."""
    log = logging.getLogger("pdfminer")
    level, log.disabled = log.level, True
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
        log.disabled = False


FORMATS = (Format("pdf", (".pdf",), read_pdf, lambda head: head.startswith(b"%PDF-")),)
