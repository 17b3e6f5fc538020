"""The pages of a file as pictures: scans, of which a file may contain several, and rendered PDF pages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..content.files import UnreadableFileError

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfPage

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".jp2")
# Detected by content, not by name. Some other Pillow formats, such as PostScript, run external programs.
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "JPEG2000")
_PDF_SCALE = 200 / 72  # scanned PDF pages are rendered at 200 dpi
_MOST_PAGES = 600
_MOST_PIXELS = 120_000_000


@dataclass(frozen=True)
class ScannedPage:
    """A page's picture, its page number in the file, from 1, and the number of pages."""

    number: int
    count: int
    image: Image.Image


def pictures(path: Path, only: Sequence[int] = (), longest: int | None = None) -> Iterator[ScannedPage]:
    """Yield the pages of a picture file or a PDF, one in memory at a time.

    Args:
        only: the numbers of the wanted pages; empty means all.
        longest: the longer side of a PDF page in pixels; None: 200 dpi.

    Raises:
        UnreadableFileError: the file is broken, or a picture is too large.
    """
    yield from _drawn(path, only, longest) if path.suffix.lower() == ".pdf" else _frames(path, only)


def _frames(path: Path, only: Sequence[int]) -> Iterator[ScannedPage]:
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=_FORMATS) as picture:
            count = int(getattr(picture, "n_frames", 1))
            for number in only or range(1, min(count, _MOST_PAGES) + 1):
                picture.seek(number - 1)
                if picture.width * picture.height > _MOST_PIXELS:
                    raise UnreadableFileError(f"{path}: 图片太大 (too large) {picture.width}×{picture.height}")
                yield ScannedPage(number, count, ImageOps.exif_transpose(picture).convert("RGB"))
    except (UnreadableFileError, MemoryError):
        raise
    except Exception as error:  # of any kind: Pillow's readers fail in many ways on broken files
        raise UnreadableFileError(f"{path}: 不是可读的图片 (cannot read): {type(error).__name__}") from error


def _drawn(path: Path, only: Sequence[int], longest: int | None) -> Iterator[ScannedPage]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, ValueError, OSError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的 PDF (cannot read): {type(error).__name__}") from error
    try:
        count = len(document)
        for number in only or range(1, min(count, _MOST_PAGES) + 1):
            page = document[number - 1]
            yield ScannedPage(number, count, page.render(scale=_scale(page, longest)).to_pil().convert("RGB"))
            page.close()
    except (pypdfium2.PdfiumError, ValueError, OSError, IndexError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的 PDF (cannot read): {type(error).__name__}") from error
    finally:
        document.close()


def _scale(page: PdfPage, longest: int | None) -> float:
    width, height = page.get_size()
    wanted = _PDF_SCALE if longest is None else longest / max(1.0, width, height)
    return min(wanted, math.sqrt(_MOST_PIXELS / max(1.0, width * height)))
