"""EPUB: each document of the spine is a page."""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import unquote
from zipfile import ZipFile

from ..content.files import UnreadableFileError, decoded
from . import web
from .base import FileText, Format, Options, member, open_zip

_CONTAINER = "META-INF/container.xml"


def read_epub(path: Path, _options: Options) -> FileText:
    """The documents of an EPUB in reading order.

    Raises:
        UnreadableFileError: it is broken, or would unpack to more than 256 MB.
    """
    with open_zip(path, ".epub") as archive:
        try:
            names = _spine(archive)
            texts = [decoded(path, data)[0] for name in names if (data := member(archive, name)).strip()]
        except UnreadableFileError:
            raise
        except Exception as error:  # lxml, zlib and zipfile raise their own errors for a broken file
            raise UnreadableFileError(f"{path}: 不是可读的 .epub (cannot read): {type(error).__name__}") from error
    return FileText([web.page(text) for text in texts])


def _spine(archive: ZipFile) -> list[str]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    container = etree.fromstring(member(archive, _CONTAINER), parser)
    package_name = next(str(file.get("full-path")) for file in container.iter("{*}rootfile"))
    package = etree.fromstring(member(archive, package_name), parser)
    items = {item.get("id"): unquote(str(item.get("href"))) for item in package.iter("{*}item")}
    order = [items[ref.get("idref")] for ref in package.iter("{*}itemref") if ref.get("idref") in items]
    return [posixpath.normpath(posixpath.join(posixpath.dirname(package_name), name)) for name in order]


FORMATS = (Format("epub", (".epub",), read_epub),)
