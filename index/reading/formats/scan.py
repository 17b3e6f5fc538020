"""Page images, read with the optional ``ocr`` extra."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.extras import install_line, installed
from index.text.words import harmless

from ...regions import Sheet
from ..content.files import UnreadableFileError, read_bytes
from ..scanning.pictures import PICTURES, ScannedPage, pictures
from .base import FileText, Format, Options, PageText

if TYPE_CHECKING:
    from ..scanning.recogniser import Recognition

log = logging.getLogger(__name__)


def can_recognise() -> bool:
    """Whether recognition is installed."""
    from ..scanning.engine import are_installed

    return installed("cv2") and are_installed()


def read_scan(path: Path, options: Options) -> FileText:
    """Read a scanned page, or several in one file.

    Raises:
        UnreadableFileError: recognition is not installed; the message contains the command that installs it.
    """
    if not can_recognise():
        raise UnreadableFileError(f"{path}: 没有可用的文字层，需要文字识别 (needs OCR)；{install_line('ocr')}")
    read_bytes(path)
    return recognised(path, options)


def recognised(path: Path, options: Options, only: Sequence[int] = ()) -> FileText:
    """The recognised pages of a picture or PDF, or a note that recognition is left for later.

    Args:
        only: the numbers of the wanted pages; empty means all.
    """
    if options.later:
        return FileText(problems=[f"{path}: 文字识别留到后面 (recognition is left for later)"], waiting=True)
    from ..layout.scans import recognised_blocks

    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    result = FileText()
    for page in pictures(path, only):
        found = _found(path, page, digest, options)
        sheet = Sheet("", page.number, page.image.width, page.image.height)
        blocks = recognised_blocks(found.lines, sheet, found.rules)
        result.pages.append(PageText({}, blocks, page.number if page.count > 1 else None))
    return result


def _found(path: Path, page: ScannedPage, digest: str, options: Options) -> Recognition:
    """The content of a page: the stored result, or else a new one, which is stored at once."""
    import numpy as np

    from ..scanning.recogniser import recogniser
    from ..scanning.results import Results

    dots = np.asarray(page.image)
    results = Results(options.recognised)
    found = results.get(dots)
    if found is None:
        log.info("文字识别 (recognising) %s：第 %d 页，共 %d 页", harmless(str(path)), page.number, page.count)
        found = recogniser()(dots)
        results.put(dots, digest, found)
    return found


FORMATS = (Format("scan", PICTURES, read_scan),)
