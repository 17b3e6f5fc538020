"""Other files that are opened when a file is read; they are sent along if it is read on another machine."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

from .content.files import UnreadableFileError, read_bytes
from .formats.area import picture_of
from .formats.mets import is_mets, members
from .scanning.pictures import PICTURES

_MAP = re.compile(rb"<map\b", re.I)
_SHOWN = re.compile(rb"""\bsrc\s*=\s*["']?([^"'\s>]{1,500})""", re.I)


def files_beside(path: Path, data: bytes) -> Iterator[Path]:
    """Yield the files that a METS file names, or the page images for which a page has a map of its articles.

    Args:
        path: the file.
        data: its bytes.
    """
    folder = os.path.realpath(path.parent)
    if is_mets(path):
        yield from (path.parent / member.relative_to(folder) for member in members(path))
    elif _MAP.search(data):
        for address in {html.unescape(found.decode("utf-8", "replace")) for found in _SHOWN.findall(data)}:
            beside = picture_of(path, address)
            if beside is not None and beside.suffix.lower() in PICTURES:
                yield beside


def has_map(path: Path) -> bool:
    """Whether a page has an image map with links."""
    try:
        return _MAP.search(read_bytes(path)) is not None
    except UnreadableFileError:
        return False
