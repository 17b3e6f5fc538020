"""Parse untrusted XML: no entities, no network access, no declarations in the document type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .files import UnreadableFileError, read_bytes

if TYPE_CHECKING:
    from lxml.etree import _Element

_LARGEST = 1e9


def read_xml(path: Path) -> _Element:
    """The root of an XML file, with namespaces removed from names.

    Raises:
        UnreadableFileError: it is not XML, or declares entities (with which small files can exhaust memory).
    """
    from lxml import etree

    data = read_bytes(path)
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的 XML (cannot read): {type(error).__name__}: {error}") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise UnreadableFileError(f"{path}: XML 里定义了实体，拒绝读取 (declares entities: an XML bomb?)")
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def root_name(head: bytes) -> str:
    """The name of the root element in a file's first bytes; empty if they are not XML."""
    text = head.replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff\ufffd \t\r\n")
    if not text.startswith("<"):
        return ""
    at = 0
    while (at := text.find("<", at)) >= 0:
        at += 1
        if text.startswith("!--", at):
            at = text.find("-->", at)
            if at < 0:
                return ""
        elif text[at : at + 1] not in ("?", "!"):
            name = text[at : at + 80].replace("/", " ").replace(">", " ").split(None, 1)
            return name[0].rpartition(":")[2] if name else ""
    return ""


def to_number(text: str | None) -> float:
    """A number from an attribute; 0 if it is invalid or larger than any page."""
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if abs(value) < _LARGEST else 0.0
