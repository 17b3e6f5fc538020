"""Files as bytes and as text, whatever their encoding."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import chardet

from ..errors import BaowenError

MAX_FILE_BYTES = 64 << 20
# A text whose encoding was guessed must consist mostly of these: ASCII, Chinese and its punctuation.
_EXPECTED = re.compile(r"[\t\n\r -~\u00b7\u2010-\u203b\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]")
_LEAST_EXPECTED = 0.8
_SAMPLE = 32 << 10  # bytes that tell the encoding
# What the detector may say, and the widest encoding of that family.
_ENCODINGS = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "hz-gb-2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "big5hkscs", "cp950"), "big5hkscs"),
    **{name: name for name in ("utf-8", "utf-16", "utf-16-le", "utf-16le", "utf-16-be", "utf-16be")},
}


class UnreadableFileError(BaowenError):
    """A file that is reported by name and skipped."""


def read_text(path: Path) -> str:
    """A text file in UTF-8, UTF-16, GB18030 or Big5.

    Raises:
        UnreadableFileError: it cannot be opened, is empty, too large, or is no text.
    """
    data = read_bytes(path)
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decode(path, data, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guessed(path, data)
    if "\0" in text:
        raise UnreadableFileError(f"{path}: 是二进制文件，不是文本 (binary, not text)")
    if not text.strip():
        raise UnreadableFileError(f"{path}: 文件是空的 (empty)")
    return text


def _guessed(path: Path, data: bytes) -> str:
    """Text whose encoding nothing marks: what the detector says, else UTF-16, if it then reads as Chinese text."""
    found = _ENCODINGS.get((chardet.detect(data[:_SAMPLE])["encoding"] or "").lower())
    for encoding in filter(None, (found, "utf-16-le", "utf-16-be")):
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if len(_EXPECTED.findall(text)) >= _LEAST_EXPECTED * len(text):
                return text
    raise UnreadableFileError(f"{path}: 不是文本文件或编码无法识别 (not text, or of unknown encoding)")


def read_bytes(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        UnreadableFileError: it cannot be opened, is empty or larger than 64 MB.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnreadableFileError(f"{path}: 超过 {MAX_FILE_BYTES >> 20} MB (too large); 请拆成几个文件")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: 无法读取 ({error.strerror})") from error
    if not data.strip():
        raise UnreadableFileError(f"{path}: 文件是空的 (empty)")
    return data


def _decode(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path}: 按 {encoding} 解码失败 (cannot decode) 第 {error.start} 字节") from error
