"""Rich text, also with the suffix .doc."""

from __future__ import annotations

from pathlib import Path

from ...content.files import UnreadableFileError, read_bytes
from ..base import FileText, Format, Options, PageText
from .lines import CELL, line_blocks

_HEAD = b"{\\rtf"
_DEEPEST = 1000  # nested groups; files written by programs have a few dozen


def read_rtf(path: Path, _options: Options) -> FileText:
    """Read the text of an RTF file as one page.

    Raises:
        UnreadableFileError: it is not RTF, is nested too deeply, or contains no text.
    """
    from striprtf.striprtf import rtf_to_text

    data = read_bytes(path)
    if not data.lstrip().startswith(_HEAD) or _depth(data) > _DEEPEST:
        raise UnreadableFileError(f"{path}: 不是可读的 RTF (not RTF)")
    try:
        text = rtf_to_text(data.decode("latin-1"), errors="replace")
    except Exception as error:  # the library raises many kinds of errors for broken control words
        raise UnreadableFileError(f"{path}: 不是可读的 RTF (cannot read): {type(error).__name__}") from error
    blocks = line_blocks(text.replace("|", CELL).split("\n"))
    if not blocks:
        raise UnreadableFileError(f"{path}: 里面没有文字 (no text in it)")
    return FileText([PageText({}, blocks)])


def _depth(data: bytes) -> int:
    deepest = depth = 0
    for byte in data:
        if byte in b"{}":
            depth += 1 if byte == ord("{") else -1
            deepest = max(deepest, depth)
    return deepest


FORMATS = (
    Format("RTF", (".rtf",), read_rtf, lambda head: head.lstrip().startswith(_HEAD), needs=("striprtf", "office")),
)
