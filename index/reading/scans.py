"""Scanned pages: characters recognised by RapidOCR, whose models come in its package (extra ``ocr``)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.privacy import silence_onnxruntime

from .blocks import Block
from .columns import Line, layout_blocks

_PDF_SCALE = 200 / 72  # scanned PDF pages are drawn at 200 dots an inch
_LEAST_CONFIDENCE = 0.5
_MOST_PAGES = 64
_MOST_PIXELS = 120_000_000


@cache
def _engine() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    silence_onnxruntime()
    return RapidOCR()


def scanned_pages(path: Path) -> Iterator[tuple[int | None, list[Block]]]:
    """Each page's number in the file (None where the file holds one) and its blocks.

    Raises:
        UnreadableFileError: the picture is broken or too large.
    """
    pictures = list(_pictures(path))
    for number, picture in enumerate(pictures, 1):
        found, _ = _engine()(picture)
        lines = [_line(box, text) for box, text, confidence in found or [] if float(confidence) >= _LEAST_CONFIDENCE]
        yield number if len(pictures) > 1 else None, layout_blocks(lines)


def _line(box: list[list[float]], text: str) -> Line:
    across = [point[0] for point in box]
    down = [point[1] for point in box]
    return Line(min(across), min(down), max(across), max(down), text)


def _pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    from PIL import Image, ImageSequence, UnidentifiedImageError

    from .files import UnreadableFileError

    if path.suffix.lower() == ".pdf":
        import pypdfium2

        document = pypdfium2.PdfDocument(path)
        for index in range(min(len(document), _MOST_PAGES)):
            yield np.asarray(document[index].render(scale=_PDF_SCALE).to_pil().convert("RGB"))
        return
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise UnreadableFileError(f"{path}: 图片太大 (too large) {picture.width}×{picture.height}")
            for frame in ImageSequence.Iterator(picture):
                yield np.asarray(frame.convert("RGB"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的图片 (cannot read): {type(error).__name__}") from error
