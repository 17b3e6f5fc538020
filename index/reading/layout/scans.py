"""Scanned pages: characters recognised by RapidOCR, whose models come in its package (extra ``ocr``)."""

from __future__ import annotations

import logging
import math
import statistics
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.privacy import silence_onnxruntime
from index.text.words import harmless

from ...regions import Sheet
from ..blocks import Block
from ..files import UnreadableFileError
from .columns import Line, layout_blocks, vertical_blocks
from .places import fractions
from .standing import standing_engine

if TYPE_CHECKING:
    from rapidocr_onnxruntime import RapidOCR

log = logging.getLogger(__name__)

_PDF_SCALE = 200 / 72  # scanned PDF pages are drawn at 200 dots an inch
_LEAST_CONFIDENCE = 0.5
_STANDING = 1.5  # times its width: the height from which on a line is vertical
_LEAST_WIDE = 4  # Chinese characters whose spacing tells the type's size
_MOSTLY_WIDE = 0.6  # of the characters
_NARROW = 0.55  # of a Chinese character's width: a Latin letter's or a digit's
_LEAST_SKEW = math.radians(0.2)
_MOST_SKEW = math.radians(15)
_MOST_PAGES = 600
_MOST_PIXELS = 120_000_000

Corners = Sequence[Sequence[float]]  # of a line: from its upper left clockwise, (across, down) in dots


@cache
def _engine() -> RapidOCR:
    from rapidocr_onnxruntime import RapidOCR

    silence_onnxruntime()
    return standing_engine(RapidOCR)


def scanned_pages(path: Path, only: Sequence[int] = ()) -> Iterator[tuple[int | None, list[Block]]]:
    """Each page's number in the file (None where the file holds one) and its blocks; one picture is held at a time.

    Args:
        only: the numbers of the pages that are wanted; none: all.

    Raises:
        UnreadableFileError: the picture is broken or too large.
    """
    for number, count, picture in _pictures(path, only):
        log.info("文字识别 (recognising) %s：第 %d 页，共 %d 页", harmless(str(path)), number, count)
        found, _ = _engine()(picture)
        height, width = picture.shape[:2]
        yield number if count > 1 else None, recognised_blocks(found or [], Sheet("", number, width, height))


def recognised_blocks(found: Sequence[tuple[Corners, str, float | str]], sheet: Sheet) -> list[Block]:
    """The blocks of recognised lines: (corners, text, confidence).

    A page that was turned is laid out as if it were straight; one of which most text stands is read as vertical.
    """
    sure = [(corners, text, float(how)) for corners, text, how in found if float(how) >= _LEAST_CONFIDENCE]
    skew = _skew([corners for corners, _, _ in sure])
    lines = []
    for corners, text, how in sure:
        box = fractions(*_hull(corners), sheet.width, sheet.height)
        straight = _hull(_turned(corners, -skew))
        lines.append(Line(*straight, text, how, _type_size(text, *straight), box))
    standing = sum(len(line.text) for line in lines if _stands(line))
    vertical = standing > sum(len(line.text) for line in lines) / 2
    return vertical_blocks(lines, sheet=sheet) if vertical else layout_blocks(lines, sheet=sheet)


def _type_size(text: str, left: float, top: float, right: float, bottom: float) -> float:
    """A line's type size: how far its characters stand apart, or how thick it is where they are spread.

    Boxes are thicker than the type by a margin that differs from line to line; Chinese characters are as wide as high.
    """
    across, down = right - left, bottom - top
    wide = sum(character >= "\u2e80" for character in text)
    if wide < _LEAST_WIDE or wide < _MOSTLY_WIDE * len(text):
        return min(across, down)
    return min(across, down, max(across, down) / (wide + _NARROW * (len(text) - wide)))


def _stands(line: Line) -> bool:
    return line.bottom - line.top > _STANDING * (line.right - line.left)


def _skew(boxes: Sequence[Corners]) -> float:
    """By how much the page is turned: what most of the longer lines' long sides say; 0 for less than 0.2°."""
    angles = []
    for corners in boxes:
        (left, top), (right, upper), _, (lower_left, lower) = (corners[index] for index in range(4))
        across, down = math.hypot(right - left, upper - top), math.hypot(lower_left - left, lower - top)
        if across > 4 * down:
            angles.append(math.atan2(upper - top, right - left))
        elif down > 4 * across:
            angles.append(math.atan2(left - lower_left, lower - top))
    skew = statistics.median(angles) if len(angles) >= 3 else 0.0
    return skew if _LEAST_SKEW <= abs(skew) <= _MOST_SKEW else 0.0


def _turned(corners: Corners, angle: float) -> Corners:
    cosine, sine = math.cos(angle), math.sin(angle)
    return [(x * cosine - y * sine, x * sine + y * cosine) for x, y in corners]


def _hull(corners: Corners) -> tuple[float, float, float, float]:
    across, down = [point[0] for point in corners], [point[1] for point in corners]
    return min(across), min(down), max(across), max(down)


def _pictures(path: Path, only: Sequence[int]) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
    """The number of each page, how many there are, and its picture."""
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    if path.suffix.lower() == ".pdf":
        yield from _drawn_pages(path, only)
        return
    try:
        with Image.open(path) as picture:
            count = int(getattr(picture, "n_frames", 1))
            for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
                if frame.width * frame.height > _MOST_PIXELS:
                    raise UnreadableFileError(f"{path}: 图片太大 (too large) {frame.width}×{frame.height}")
                if number > _MOST_PAGES:
                    return
                yield number, count, np.asarray(ImageOps.exif_transpose(frame).convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, EOFError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的图片 (cannot read): {type(error).__name__}") from error


def _drawn_pages(path: Path, only: Sequence[int]) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        count = min(len(document), _MOST_PAGES)
        for number in only or range(1, count + 1):
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(_PDF_SCALE, math.sqrt(_MOST_PIXELS / max(1.0, width * height)))
            yield number, len(document), np.asarray(page.render(scale=scale).to_pil().convert("RGB"))
    except (pypdfium2.PdfiumError, ValueError, OSError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的 PDF (cannot read): {type(error).__name__}") from error
