"""Distinguish office documents, whose text continues from page to page, from newspaper pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ..blocks import Block, Form, is_finished
from ..facts.imprint import read_imprint
from .lines import Line

_MOST_BESIDE = 0.05  # maximum share of lines next to another one, as in a table
_LONGEST_HEAD = 60
_LEAST_PAGES = 3  # minimum pages with a running head, to distinguish it from a headline


def is_one_column(lines: Sequence[Line]) -> bool:
    """Whether nearly every line of a page is alone at its height."""
    rows = sorted(lines, key=lambda line: line.top)
    beside = sum(
        below.top < (above.top + above.bottom) / 2 and (below.left >= above.right or above.left >= below.right)
        for above, below in pairwise(rows)
    )
    return beside <= _MOST_BESIDE * len(rows)


def is_document(pages: Sequence[Sequence[Block]]) -> bool:
    """Whether single-column pages are one document: text continues across pages, and none has a newspaper's heading."""
    blocks = [block for page in pages for block in page if len(block.text) <= _LONGEST_HEAD]
    if len(pages) < 2 or any(_heads_page(block.text) for block in blocks):
        return False
    ends = ([block for block in page if not _is_number(block.text)][-1:] for page in pages[:-1])
    return any(end and end[0].form is Form.TEXT and not is_finished(end[0].text) for end in ends)


def as_document(pages: Sequence[tuple[int | None, Sequence[Block]]]) -> list[Block]:
    """The blocks of a document's pages, with running heads and page numbers marked."""
    edges = Counter(_bare(text) for _, page in pages for text in {block.text for block in (*page[:1], *page[-1:])})
    blocks: list[Block] = []
    for number, page in pages:
        for at, block in enumerate(page):
            placed = replace(block, line=len(blocks) + 1, page=number)
            at_edge = at in (0, len(page) - 1)
            again = len(pages) >= _LEAST_PAGES and 2 * edges[_bare(block.text)] > len(pages)
            if at_edge and (again or _is_number(block.text)):
                placed.take("banner", "a running head or a page's number")
            blocks.append(placed)
    return blocks


def _heads_page(text: str) -> bool:
    found = read_imprint(text)
    return found is not None and found.is_heading and found.page is not None


def _bare(text: str) -> str:
    return re.sub(r"[\d\s]", "", text)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-—–·第\s]*\d{1,4}(?:\s*/\s*\d{1,4})?[-—–·页頁\s]*", text) is not None
