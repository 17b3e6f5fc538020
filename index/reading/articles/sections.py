"""Lines that divide a file into pages or sections, each of which has its own headlines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..blocks import Block, Form, is_finished
from ..facts import people
from ..facts.imprint import is_section
from .plain import could_be_headline, is_text, opens

# Marks with which dumps decorate a section's name: 【经济】, ■体育, ——副刊——. Undecorated, it looks like a headline.
_DRESS = re.compile(r"^[\s■◆●▲▼◎★□※*·|｜\[［【〔《<—\-]+|[\s■◆●▲▼◎★□※*·|｜\]］】〕》>—\-]+$")
_NEAR = 8  # number of blocks above and below a line that are examined
_LEAST_SECTIONS = 2  # in a file: a single line may be a headline, e.g. 公告


def mark_section_lines(blocks: Sequence[Block]) -> None:
    """Mark plain lines with the name of a section, 【经济】 or ■体育, that are followed by a headline.

    Otherwise they would become headlines or kickers, and every article below them would be wrong.
    """
    found = []
    for number, block in enumerate(blocks):
        bare = _DRESS.sub("", block.text)
        if not block.role and block.form in (Form.TEXT, Form.BOLD) and is_section(bare) and _parts(blocks, number):
            found.append((block, bare))
    paged = {block.imprint.section for block in blocks if block.role == "masthead" and block.imprint} - {""}
    if len({bare for _, bare in found} | paged) < _LEAST_SECTIONS:
        return
    for block, bare in found:
        block.text = bare
        block.take("section", "a section's name with a headline below it")


def parted(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Split a file at lines that name a section or a page and are followed by a headline.

    Among lines that are neither indented nor signed, only the first ones of a part are known to be a headline, so a
    dump read as a whole would give one article for all of its pages.
    """
    start = 0
    for number, block in enumerate(blocks):
        named = block.role == "section" or (block.role == "masthead" and block.imprint is not None)
        if named and number > start and _parts(blocks, number):
            yield blocks[start:number]
            start = number
    yield blocks[start:]


def _parts(blocks: Sequence[Block], number: int) -> bool:
    """Whether a line is between finished text, or the start of the file, and a headline with text."""
    nearest = range(number - 1, max(-1, number - 1 - _NEAR), -1)
    before = next((blocks[at] for at in nearest if _is_open(blocks[at])), None)
    if before is not None and not _ends(before.text):
        return False
    after = [block for block in blocks[number + 1 : number + 1 + _NEAR] if _is_open(block)]
    lines = next((at for at, block in enumerate(after) if is_text(block) or opens(block)), 0)
    return lines > 0 and all(could_be_headline(block) for block in after[:lines])


def _ends(text: str) -> bool:
    return is_finished(text) or people.signature(text) is not None or people.photo_credit(text) is not None


def _is_open(block: Block) -> bool:
    return block.role in ("", "headline", "kicker", "subtitle", "subhead")
