"""PDF: the text layer in its columns, horizontal or vertical; pages without a usable one go to recognition."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..characters import clean
from ..columns import Line, layout_blocks, vertical_blocks
from ..files import UnreadableFileError, read_bytes
from .base import FileText, Format, Options, PageText
from .scan import read_scan

MAX_PDF_PAGES = 64
_CID = re.compile(r"\(cid:\d+\)")
_UNMAPPED = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08]|\(cid:\d+\)")
_MOST_UNMAPPED = 0.2
_HEADING = 1.18  # a text layer's sizes are exact, so that less than recognition needs shows a headline


def read_pdf(path: Path, options: Options) -> FileText:
    """The pages of a PDF, 64 at most.

    Raises:
        UnreadableFileError: it is broken or encrypted, or needs recognition, which is not installed.
    """
    from pdfminer.pdfpage import PDFPage

    read_bytes(path)
    result = FileText()
    unmapped = mapped = 0
    try:
        with _quiet():
            with path.open("rb") as file:
                count = sum(1 for _ in PDFPage.get_pages(file))
            for number, lines in _pages(path):
                text = "".join(line.text for line in lines)
                lost = len(_UNMAPPED.findall(text))
                unmapped += lost
                mapped += len(_CID.sub("", text)) + lost
                if lines and lost <= _MOST_UNMAPPED * (len(_CID.sub("", text)) + lost):
                    result.pages.append(PageText({}, _blocks(lines), number if count > 1 else None))
    except Exception as error:  # pdfminer raises many kinds for a broken or encrypted file
        raise UnreadableFileError(f"{path}: 不是可读的 PDF，或已加密 (cannot read): {type(error).__name__}") from error
    if not result.pages:
        return read_scan(path, options)
    if unmapped > _MOST_UNMAPPED * mapped:
        result.problems.append(f"{path}: 有的页文字没有编码，需要文字识别 (some pages need OCR)")
    if count > MAX_PDF_PAGES:
        result.problems.append(f"{path}: 有 {count} 页，只读了前 {MAX_PDF_PAGES} 页 (only the first were read); 请拆开")
    return result


def _pages(path: Path) -> Iterator[tuple[int, list[Line]]]:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams, LTTextContainer, LTTextLine

    for number, page in enumerate(extract_pages(str(path), maxpages=MAX_PDF_PAGES, laparams=LAParams()), 1):
        boxes = (box for box in page if isinstance(box, LTTextContainer))
        lines = (line for box in boxes for line in box if isinstance(line, LTTextLine))
        yield number, [placed for line in lines if (placed := _placed(line, page.height)) is not None]


def _placed(line: Any, height: float) -> Line | None:
    text = clean(line.get_text()).strip()
    return Line(line.x0, height - line.y1, line.x1, height - line.y0, text) if text else None


def _blocks(lines: list[Line]) -> list[Any]:
    single = sum(len(line.text) == 1 for line in lines)
    return vertical_blocks(lines) if single > 0.7 * len(lines) and single > 10 else layout_blocks(lines, _HEADING)


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
