"""Pictures of pages, through the optional ``ocr`` extra."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from ..files import UnreadableFileError, read_bytes
from .base import FileText, Format, Options, PageText


def can_recognise() -> bool:
    """Whether recognition is installed."""
    return importlib.util.find_spec("rapidocr_onnxruntime") is not None


def read_scan(path: Path, _options: Options) -> FileText:
    """A scanned page, or several in one file.

    Raises:
        UnreadableFileError: recognition is not installed; the message names the line that installs it.
    """
    if not can_recognise():
        raise UnreadableFileError(
            f"{path}: 没有可用的文字层，需要文字识别 (needs OCR); "
            f"请运行 (run): {sys.executable} -m pip install 'baowen[ocr]'"
        )
    read_bytes(path)
    return FileText(recognised(path))


def recognised(path: Path, only: Sequence[int] = ()) -> list[PageText]:
    """The pages of a picture or PDF as they were recognised; ``only``: the numbers of those that are wanted."""
    from ..layout.scans import scanned_pages

    return [PageText({}, blocks, number) for number, blocks in scanned_pages(path, only)]


FORMATS = (Format("scan", (".png", ".jpg", ".jpeg", ".tif", ".tiff"), read_scan),)
