"""The formats we read: one file each, and this registry. A new format is a file and a line in ``FORMATS``."""

from __future__ import annotations

from pathlib import Path

from ..content.files import UnreadableFileError
from . import alto, ebook, feed, hocr, mail, mets, odt, packed, pagexml, pdf, records, scan, table, text, web, word
from .base import FileText, Format, Options, PageText
from .office import binary, convert, ofd, rtf, slides
from .pdf import MAX_PDF_PAGES

FORMATS: tuple[Format, ...] = (
    *text.FORMATS,
    *hocr.FORMATS,  # before web: it is HTML too
    *web.FORMATS,
    *word.FORMATS,
    *pdf.FORMATS,
    *records.FORMATS,
    *table.FORMATS,
    *odt.FORMATS,
    *ebook.FORMATS,
    *binary.FORMATS,
    *rtf.FORMATS,
    *slides.FORMATS,
    *ofd.FORMATS,
    *convert.FORMATS,
    *mail.FORMATS,
    *feed.FORMATS,
    *alto.FORMATS,
    *pagexml.FORMATS,
    *mets.FORMATS,
    *packed.FORMATS,
    *scan.FORMATS,
)
SUFFIXES = tuple(dict.fromkeys(suffix for format in FORMATS for suffix in format.suffixes))
_SNIFFED = 4096

__all__ = ["FORMATS", "MAX_PDF_PAGES", "SUFFIXES", "FileText", "Format", "Options", "PageText", "read_pages"]


def read_pages(path: Path, options: Options | None = None) -> FileText:
    """What a file holds, read by its suffix, or by its first bytes where these show another kind.

    Raises:
        UnreadableFileError: see the message; also for a file of a kind we do not read.
    """
    suffix = path.suffix.lower()
    named = next((format for format in FORMATS if suffix in format.suffixes), None)
    if named is None:
        raise UnreadableFileError(f"{path}: 不支持的类型 {path.suffix!r} (unsupported); 支持 {' '.join(SUFFIXES)}")
    format = _sniffed(path) or named
    format.require(path)
    return format.read(path, options or Options())


def _sniffed(path: Path) -> Format | None:
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED)
    except OSError:
        return None  # the reader says why
    return next((format for format in FORMATS if format.sniff and format.sniff(head)), None)
