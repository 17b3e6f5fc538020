"""Compound files of old office programs: .doc and .wps (text), .xls and .et (tables), detected by content.

The text of a Word file is stored in pieces, whose positions are in a table that the file header points to (Microsoft:
[MS-DOC], 2.4.1). WPS Writer stores its files the same way.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...content.files import UnreadableFileError, read_bytes
from ..base import FileText, Format, Options, PageText
from . import convert
from .lines import line_blocks

if TYPE_CHECKING:
    from olefile import OleFileIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = 0x0100
_SECOND_TABLE = 0x0200
_MAIN, _NOTES, _HEADERS = 0x4C, 0x50, 0x54  # offsets of the lengths of the text parts, in characters
_PIECES = 0x1A2  # offset of the position and length of the piece table
_COMPRESSED = 0x40000000
# A field's instruction is removed, its visible text is kept.
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_ROW_END = re.compile("\x07\x07")
_LINE_ENDS = str.maketrans({"\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x0e": "\n", "\x1e": "-", "\xa0": " "})
_UNSHOWN = re.compile(r"[\x00-\x06\x08\x0f-\x1d\x1f]")


def read_compound(path: Path, options: Options) -> FileText:
    """Read the text or tables of a compound file, whatever its name.

    Raises:
        UnreadableFileError: it is broken or encrypted, or contains neither text nor tables.
    """
    import olefile

    data = read_bytes(path)
    if not data.startswith(MAGIC):
        if zipfile.is_zipfile(path):
            from .. import word

            return word.read_docx(path, options)
        raise UnreadableFileError(f"{path}: 不是 Word 97–2003 文件 (not a Word file); 请另存为 .docx")
    try:
        with olefile.OleFileIO(data) as file:
            if file.exists("WordDocument"):
                lines = list(_word_lines(path, file))
            elif file.exists("Workbook") or file.exists("Book"):
                return read_workbook(path, options)
            else:
                names = "、".join("/".join(name) for name in file.listdir()[:4])
                return convert.read(path, options, f"里面是 (it holds) {names}")
    except UnreadableFileError:
        raise
    except Exception as error:  # errors of olefile, struct and indexing for a broken file
        raise UnreadableFileError(f"{path}: 不是可读的 .doc (cannot read): {type(error).__name__}") from error
    blocks = line_blocks(lines)
    if not blocks:
        raise UnreadableFileError(f"{path}: 里面没有文字，可能只有图片 (no text in it)")
    return FileText([PageText({}, blocks)])


def _word_lines(path: Path, file: OleFileIO) -> Iterator[str]:
    """Yield the lines of the main text, then of the notes; a page's headers come first, like mastheads."""
    head = file.openstream("WordDocument").read()
    (flags,) = struct.unpack_from("<H", head, 0x0A)
    if flags & _ENCRYPTED:
        raise UnreadableFileError(f"{path}: 有密码，读不了 (encrypted)")
    table = file.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
    start, length = struct.unpack_from("<II", head, _PIECES)
    text = "".join(_pieces(head, table[start : start + length]))
    main, notes, tops = (struct.unpack_from("<i", head, at)[0] for at in (_MAIN, _NOTES, _HEADERS))
    if min(main, notes, tops) < 0:
        raise ValueError("negative lengths")
    headers = _plain(text[main + notes : main + notes + tops])
    seen: set[str] = set()
    for part in (headers, _plain(text[:main]), _plain(text[main : main + notes])):
        for line in part.split("\n"):
            if part is headers and (line in seen or not re.search(r"[^\W\d_]", line)):
                continue
            seen.add(line)
            yield line


def _plain(text: str) -> str:
    while (shorter := _FIELD.sub(lambda field: field[1] or "", text)) != text:
        text = shorter
    return _UNSHOWN.sub("", _ROW_END.sub("\n", text).translate(_LINE_ENDS))


def _pieces(head: bytes, table: bytes) -> Iterator[str]:
    at = 0
    while at < len(table) and table[at] == 1:  # properties, which are not needed for the text
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if at >= len(table) or table[at] != 2:
        raise ValueError("no table of pieces")
    size = struct.unpack_from("<I", table, at + 1)[0]
    count = (size - 4) // 12
    if not 0 < count <= len(table) // 12:
        raise ValueError("a table of pieces that is cut off")
    ends = struct.unpack_from(f"<{count + 1}i", table, at + 5)
    for number in range(count):
        (place,) = struct.unpack_from("<I", table, at + 5 + 4 * (count + 1) + 8 * number + 2)
        length = ends[number + 1] - ends[number]
        if length < 0 or length > len(head):
            raise ValueError("a piece that is longer than the file")
        if place & _COMPRESSED:
            begin = (place & ~_COMPRESSED) // 2
            yield head[begin : begin + length].decode("cp1252", "replace")
        else:
            yield head[place : place + 2 * length].decode("utf-16-le", "replace")


def read_workbook(path: Path, options: Options) -> FileText:
    """Read the articles of an old workbook, sheet by sheet.

    Raises:
        UnreadableFileError: it is broken or encrypted, or no sheet contains articles.
    """
    import python_calamine

    from .. import table

    read_bytes(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except Exception as error:  # the library's own errors for broken and encrypted files
        raise UnreadableFileError(f"{path}: 不是可读的 .xls (cannot read): {type(error).__name__}") from error
    return table.from_sheets(path, sheets, options)


FORMATS = (
    Format("doc", (".doc", ".wps", ".dot", ".wpt"), read_compound, needs=("olefile", "office")),
    Format("xls", (".xls", ".et", ".xlsb", ".ods"), read_workbook, needs=("python_calamine", "office")),
    Format("compound", (), read_compound, lambda head: head.startswith(MAGIC), needs=("olefile", "office")),
)
