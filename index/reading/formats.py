"""Files of every kind as blocks: one reader a format, behind one function."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .blocks import Block, Form, dropped, markdown_blocks
from .columns import Line, layout_blocks
from .files import UnreadableFileError, read_bytes, read_text
from .html import html_blocks

MAX_UNPACKED_BYTES = 256 << 20
MAX_PDF_PAGES = 64
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)


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


def _read_html(path: Path) -> FileText:
    return FileText([PageText({}, html_blocks(read_text(path)))])


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
