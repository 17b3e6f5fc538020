"""Files of every kind as blocks: one reader a format, behind one function."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import chardet
import yaml

from ..errors import BaowenError
from .blocks import Block, Form, dropped, markdown_blocks
from .columns import Line, layout_blocks

MAX_FILE_BYTES = 64 << 20
MAX_UNPACKED_BYTES = 256 << 20
MAX_PDF_PAGES = 64
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
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


@dataclass(frozen=True)
class PageText:
    """One page of a file: its front matter (empty where the format has none) and its blocks."""

    front: dict[str, Any]
    blocks: list[Block]
    number: int | None = None


@dataclass
class FileText:
    """The pages of a file, and a sentence for whatever had to be left out of it."""

    pages: list[PageText]
    problems: list[str] = field(default_factory=list)


def read_pages(path: Path) -> FileText:
    """A file's pages; all formats but PDF hold one.

    Raises:
        UnreadableFileError: see the message; also for a file of a kind we do not read.
    """
    reader = PAGE_READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFileError(f"{path}: 不支持的类型 {path.suffix!r} (unsupported); 支持 {' '.join(SUFFIXES)}")
    return reader(path)


def _read_markdown(path: Path) -> FileText:
    text = read_text(path).replace("\r\n", "\n")
    match = _FRONT_MATTER.match(text)
    if match is None:
        return FileText([PageText({}, markdown_blocks(text))])
    try:
        values = yaml.safe_load(match[1])
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableFileError(f"{path}: YAML 头读不懂 (bad front matter): {str(error).splitlines()[0]}") from error
    blocks = markdown_blocks("\n" * text[: match.end()].count("\n") + text[match.end() :])
    front = dropped(match[1], 1, "YAML front matter")
    return FileText([PageText(values if isinstance(values, dict) else {}, [front, *blocks])])


class _Html(HTMLParser):
    """Flattens HTML to blocks without recursion, so that deep nesting costs nothing."""

    _BREAKS = frozenset(
        [
            "p",
            "div",
            "br",
            "li",
            "ul",
            "ol",
            "tr",
            "table",
            "section",
            "article",
            "header",
            "footer",
            "blockquote",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "figure",
            "figcaption",
        ]
    )
    _HIDDEN = frozenset(["script", "style", "head", "template", "noscript", "nav"])

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._plain_text = False
        self._level = 0
        self._hidden = 0
        self._strong = 0
        self._in_row = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._HIDDEN:
            self._hidden += 1
        if tag in self._BREAKS:
            self._flush()
        if re.fullmatch(r"h[1-6]", tag):
            self._level = int(tag[1])
        if tag in ("b", "strong"):
            self._strong += 1
        self._in_row = tag == "tr" or (self._in_row and tag not in ("table", "p"))
        if tag == "img":
            self._flush()
            self.blocks.append(Block(Form.IMAGE, dict(attrs).get("alt") or "", self.getpos()[0]))
        if tag in ("td", "th") and "".join(self._text).strip():
            self._text.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag in self._BREAKS:
            self._flush()
        if re.fullmatch(r"h[1-6]", tag):
            self._level = 0
        if tag in ("b", "strong"):
            self._strong = max(0, self._strong - 1)

    def handle_data(self, data: str) -> None:
        if self._hidden and data.strip():
            self.blocks.append(dropped(data.strip(), self.getpos()[0], "hidden from the reader"))
        elif data:
            self._text.append(data)
            self._plain_text = self._plain_text or bool(data.strip() and not self._strong)

    def close(self) -> None:
        super().close()
        self._flush()

    def _flush(self) -> None:
        text = re.sub(r"\s+", " ", "".join(self._text)).strip()
        if text:
            form = Form.TEXT if self._plain_text else Form.BOLD
            if self._level or self._in_row:
                form = Form.HEADING if self._level else Form.TABLE
            self.blocks.append(Block(form, text, self.getpos()[0], level=self._level))
        self._text, self._plain_text = [], False


def _read_html(path: Path) -> FileText:
    parser = _Html()
    parser.feed(read_text(path))
    parser.close()
    return FileText([PageText({}, parser.blocks)])


def _read_docx(path: Path) -> FileText:
    import docx

    read_bytes(path)
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise UnreadableFileError(f"{path}: 解压后有 {unpacked >> 20} MB，拒绝读取 (zip bomb?)")
        document = docx.Document(str(path))
    except UnreadableFileError:
        raise
    except Exception as error:  # python-docx and lxml raise many kinds for a broken file
        raise UnreadableFileError(f"{path}: 不是可读的 .docx (cannot read): {type(error).__name__}") from error
    blocks: list[Block] = []
    for number, item in enumerate(document.iter_inner_content(), 1):
        if hasattr(item, "rows"):
            rows = (" | ".join(cell.text.strip() for cell in row.cells) for row in item.rows)
            blocks.extend(Block(Form.TABLE, row, number) for row in rows if row.strip(" |"))
            continue
        text = item.text.strip()
        style = str(item.style.name) if item.style is not None else ""
        level = re.fullmatch(r"(?:Heading|标题)\s*(\d)", style)
        bold = all(run.bold for run in item.runs if run.text.strip()) if item.runs else False
        if text:
            form = Form.HEADING if level or style == "Title" else Form.BOLD if bold else Form.TEXT
            blocks.append(Block(form, text, number, level=int(level[1]) if level else int(style == "Title")))
    return FileText([PageText({}, blocks)])


def _read_pdf(path: Path) -> FileText:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams, LTTextContainer, LTTextLine
    from pdfminer.pdfpage import PDFPage

    read_bytes(path)
    result = FileText([])
    try:
        with path.open("rb") as file:
            count = sum(1 for _ in PDFPage.get_pages(file))
        for number, page in enumerate(extract_pages(str(path), maxpages=MAX_PDF_PAGES, laparams=LAParams()), 1):
            boxes = (box for box in page if isinstance(box, LTTextContainer))
            lines = [line for box in boxes for line in box if isinstance(line, LTTextLine) and line.get_text().strip()]
            placed = [Line(n.x0, page.height - n.y1, n.x1, page.height - n.y0, n.get_text().strip()) for n in lines]
            if placed:
                result.pages.append(PageText({}, layout_blocks(placed), number if count > 1 else None))
    except Exception as error:  # pdfminer raises many kinds for a broken or encrypted file
        raise UnreadableFileError(f"{path}: 不是可读的 PDF，或已加密 (cannot read): {type(error).__name__}") from error
    if not result.pages:
        return _read_scan(path)
    if count > MAX_PDF_PAGES:
        result.problems.append(f"{path}: 有 {count} 页，只读了前 {MAX_PDF_PAGES} 页 (only the first were read); 请拆开")
    return result


def _read_scan(path: Path) -> FileText:
    """A scanned page, through the optional ``ocr`` extra."""
    if importlib.util.find_spec("rapidocr_onnxruntime") is None:
        raise UnreadableFileError(
            f"{path}: 没有文字层，需要文字识别 (needs OCR); 请运行 (run): {sys.executable} -m pip install 'baowen[ocr]'"
        )
    from .scans import scanned_pages

    read_bytes(path)
    return FileText([PageText({}, blocks, number) for number, blocks in scanned_pages(path)])


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file; each line is one article.

    Raises:
        UnreadableFileError: a line is no JSON object with an ``id`` and a ``text``; the message names the line.
    """
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise UnreadableFileError(f"{path} 第 {number} 行: 不是 JSON (not JSON): {line[:40]!r}") from None
        if not isinstance(record, dict) or not record.get("id") or not isinstance(record.get("text"), str):
            raise UnreadableFileError(f"{path} 第 {number} 行: 需要 id 与 text (needs id and text): {line[:40]!r}")
        yield record


PAGE_READERS: dict[str, Callable[[Path], FileText]] = {
    ".md": _read_markdown,
    ".txt": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".docx": _read_docx,
    ".pdf": _read_pdf,
    ".png": _read_scan,
    ".jpg": _read_scan,
    ".jpeg": _read_scan,
    ".tif": _read_scan,
    ".tiff": _read_scan,
}
SUFFIXES = (*PAGE_READERS, ".jsonl")
