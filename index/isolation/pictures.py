"""Render page images with limits: pictures and PDFs are decoded in a separate process."""

from __future__ import annotations

from pathlib import Path

from ..reading import UnreadableFileError
from .frames import Failure, PageFile, PageImage, Request
from .limits import Limits, sentence
from .process import shared

LIMITS = Limits(seconds=120.0)  # the largest readable scan, on a slow machine


def page_image(path: Path, page: int, longest: int, most: int, limits: Limits = LIMITS) -> PageImage:
    """Render a page of a picture file or a PDF as WebP.

    Args:
        page: the page number, from 1.
        longest: maximum length of the longer side in pixels.
        most: maximum number of bytes.

    Raises:
        UnreadableFileError: the file is broken or exceeds the limits; the message names it.
    """
    work = PageFile(path.absolute(), page, longest, most)
    found = shared.ask(Request(work, limits.memory, limits.seconds))
    if isinstance(found, PageImage) and len(found.data) <= most and found.data[8:12] == b"WEBP":
        return found
    failure = found if isinstance(found, Failure) else Failure("crash")
    raise UnreadableFileError(sentence(path, failure, limits))
