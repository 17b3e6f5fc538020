"""Pictures of pages, through the optional ``ocr`` extra."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from ..files import UnreadableFileError, read_bytes
from .base import FileText, Format, Options, PageText


def read_scan(path: Path, _options: Options) -> FileText:
    """A scanned page.

    Raises:
        UnreadableFileError: recognition is not installed; the message names the line that installs it.
    """
    if importlib.util.find_spec("rapidocr_onnxruntime") is None:
        raise UnreadableFileError(
            f"{path}: 没有可用的文字层，需要文字识别 (needs OCR); "
            f"请运行 (run): {sys.executable} -m pip install 'baowen[ocr]'"
        )
    from ..scans import scanned_pages

    read_bytes(path)
    return FileText([PageText({}, blocks, number) for number, blocks in scanned_pages(path)])


FORMATS = (Format("scan", (".png", ".jpg", ".jpeg", ".tif", ".tiff"), read_scan),)
