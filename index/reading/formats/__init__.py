"""The supported formats, one module each, and this registry. A new format is a module and a line in ``FORMATS``."""

from __future__ import annotations

from pathlib import Path

from ..content.files import UnreadableFileError
from . import alto, ebook, feed, hocr, mail, mets, odt, packed, pagexml, pdf, records, scan, table, text, web, word
from .base import FileText, Format, Options, PageText
from .office import binary, convert, ofd, rtf, slides
from .pdf import MAX_PDF_PAGES

FORMATS: tuple[Format, ...] = (
    *text.FORMATS,
    *hocr.FORMATS,  # before web, because it is also HTML
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
    """Read a file by its suffix, or by its first bytes if they show another format.

    Raises:
        UnreadableFileError: it cannot be read or has an unsupported format; the message says why.
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
        return None  # the reader reports the error
    return next((format for format in FORMATS if format.sniff and format.sniff(head)), None)
