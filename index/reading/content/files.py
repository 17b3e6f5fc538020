"""Files as bytes and as text, in any encoding."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import chardet

from ...errors import BaowenError
from .characters import clean

MAX_FILE_BYTES = 64 << 20
# A text whose encoding was guessed must consist mostly of these: ASCII, Chinese characters and punctuation.
_EXPECTED = re.compile(r"[\t\n\r -~\u00b7\u2010-\u203b\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]")
_LEAST_EXPECTED = 0.8
_MOST_NUL = 0.05
_MARK = "\ufffd"
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_\-]{3,20})", re.IGNORECASE)
_SAMPLE = 32 << 10  # bytes from which the encoding is detected
# The detector's answers, and the widest encoding of each family.
_ENCODINGS = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "hz-gb-2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "big5hkscs", "cp950"), "big5hkscs"),
    **{name: name for name in ("utf-8", "utf-16", "utf-16-le", "utf-16le", "utf-16-be", "utf-16be")},
}


class UnreadableFileError(BaowenError):
    """A file that is reported by name and skipped."""


def read_text(path: Path) -> str:
    """A text file in UTF-8, UTF-16, GB18030 or Big5; see ``read_text_noted``."""
    return read_text_noted(path)[0]


def read_text_noted(path: Path) -> tuple[str, list[str]]:
    """A text file in UTF-8, UTF-16, GB18030 or Big5, and notes on bytes that could not be decoded.

    Raises:
        UnreadableFileError: it cannot be opened, is empty, too large, or is not text.
    """
    return decoded(path, read_bytes(path))


def decoded(path: Path, data: bytes, declared: str | None = None) -> tuple[str, list[str]]:
    """Decode bytes to clean text; returns the text and notes on bytes that could not be decoded.

    Raises:
        UnreadableFileError: the data is empty or is not text.
    """
    text, bad = _decode(path, data, declared)
    if text.count("\0") > _MOST_NUL * len(text):
        raise UnreadableFileError(f"{path}: 是二进制文件，不是文本 (binary, not text)")
    text = clean(text)
    if not text.strip():
        raise UnreadableFileError(f"{path}: 文件是空的 (empty)")
    notes = [f"{path}: {bad} 处字节读不出，以 � 代替 (bytes replaced by �)"] if bad else []
    return text, notes


def _decode(path: Path, data: bytes, declared: str | None) -> tuple[str, int]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _replaced(data, encoding)
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("utf-8"), 0
    for encoding in filter(None, (_family(declared), _family(_charset(data)))):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding), 0
    if (mixed := _by_lines(data)) is not None:
        return mixed
    return _guessed(path, data)


def _charset(data: bytes) -> str | None:
    """The encoding that an HTML page declares in its head."""
    match = _CHARSET.search(data[:2048])
    return match[1].decode("ascii", "replace") if match else None


def _family(name: str | None) -> str | None:
    return _ENCODINGS.get((name or "").lower())


def _by_lines(data: bytes) -> tuple[str, int] | None:
    """Decode a text that is mostly UTF-8; other lines are in GB18030 or Big5, or have their bad bytes replaced."""
    lines = data.split(b"\n")
    good = sum(len(line) for line in lines if _is_utf8(line) and not line.isascii())
    whole = data.decode("utf-8", "replace")
    bad_bytes = whole.count(_MARK)
    if not good and bad_bytes * 20 > len(whole):
        return None
    bad_lines = sum(len(line) for line in lines if not _is_utf8(line))
    if good < bad_lines and bad_bytes * 20 > len(whole):
        return None
    texts, bad = [], 0
    for line in lines:
        try:
            texts.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            text, count = _other_line(line)
            texts.append(text)
            bad += count
    return "\n".join(texts), bad


def _other_line(line: bytes) -> tuple[str, int]:
    marked = line.decode("utf-8", "replace")
    bad = marked.count(_MARK)
    if bad * 10 > len(marked):
        for encoding in ("gb18030", "big5hkscs"):
            with contextlib.suppress(UnicodeDecodeError):
                text = line.decode(encoding)
                if len(_EXPECTED.findall(text)) >= _LEAST_EXPECTED * len(text):
                    return text, 0
    return marked, bad


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _replaced(data: bytes, encoding: str) -> tuple[str, int]:
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        return text, text.count(_MARK)


def _guessed(path: Path, data: bytes) -> tuple[str, int]:
    """Decode text of unmarked encoding as the detector says, else as UTF-16, if the result reads as Chinese text."""
    found = _family(chardet.detect(data[:_SAMPLE])["encoding"])
    for encoding in filter(None, (found, "gb18030", "big5hkscs", "utf-16-le", "utf-16-be")):
        text, bad = _replaced(data, encoding)
        if bad * 100 <= len(text) and len(_EXPECTED.findall(text)) >= _LEAST_EXPECTED * len(text):
            return text, bad
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
