"""Slides (.pptx): each slide is a page, and its title is the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...blocks import Block, Form
from ...content.files import UnreadableFileError
from ..base import FileText, Format, Options, PageText, member, open_zip

if TYPE_CHECKING:
    from lxml.etree import _Element

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_TITLES = ("title", "ctrTitle")


def read_pptx(path: Path, _options: Options) -> FileText:
    """Read the slides in the order of their numbers.

    Raises:
        UnreadableFileError: it is broken, contains no text, or would unpack to more than 256 MB.
    """
    from lxml import etree

    pages = []
    with open_zip(path, ".pptx") as archive:
        numbers = sorted((int(found[1]), name) for name in archive.namelist() if (found := _SLIDE.fullmatch(name)))
        try:
            for number, name in numbers:
                parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
                blocks = list(_blocks(etree.fromstring(member(archive, name), parser)))
                if blocks:
                    pages.append(PageText({}, blocks, number if len(numbers) > 1 else None))
        except Exception as error:  # lxml, zlib and zipfile raise their own errors for a broken file
            raise UnreadableFileError(f"{path}: 不是可读的 .pptx (cannot read): {type(error).__name__}") from error
    if not pages:
        raise UnreadableFileError(f"{path}: 里面没有文字，可能只有图片 (no text in it)")
    return FileText(pages)


def _blocks(slide: _Element) -> Iterator[Block]:
    line = 0
    for shape in slide.iter(f"{_P}sp", f"{_A}tbl"):
        if shape.tag == f"{_A}tbl":
            for row in shape.iter(f"{_A}tr"):
                line += 1
                cells = [" ".join(_lines(cell)) for cell in row.iter(f"{_A}tc")]
                yield Block(Form.TABLE, " | ".join(cells), line)
            continue
        holder = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
        form = Form.HEADING if holder is not None and holder.get("type") in _TITLES else Form.TEXT
        for text in _lines(shape):
            line += 1
            yield Block(form, text, line, level=1 if form is Form.HEADING else 0, gap=True)


def _lines(shape: _Element) -> Iterator[str]:
    for paragraph in shape.iter(f"{_A}p"):
        runs = paragraph.iter(f"{_A}t", f"{_A}br")
        text = "".join("\n" if run.tag == f"{_A}br" else run.text or "" for run in runs)
        yield from (" ".join(line.split()) for line in text.split("\n") if line.strip())


FORMATS = (Format("pptx", (".pptx",), read_pptx),)
