"""Lines of a page as blocks: what each line is by its form alone, before anything is understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BOLD = re.compile(r"^(\*\*|__)(?=\S)(.+?)(?<=\S)\1$")
_IMAGE = re.compile(r"^!\[(?P<alt>[^\]]*)\]\((?P<address>[^)]*)\)$")
_TABLE_RULE = re.compile(r"^\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?$")
_HARD_BREAK = re.compile(r"(?: {2,}|\\)$")

# Layout puts spaces between Chinese characters; between Latin words they mean something.
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…·]"
_LAYOUT_SPACE = re.compile(rf"(?<={_WIDE})[ \t\u00a0\u3000]+(?=\S)|(?<=\S)[ \t\u00a0\u3000]+(?={_WIDE})")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


class Form(Enum):
    """How a block is set."""

    HEADING = "heading"
    BOLD = "bold"
    TEXT = "text"
    IMAGE = "image"
    TABLE = "table"


@dataclass
class Block:
    """One line of a page (a bold run may take several).

    ``level``: of a heading, 1 to 6. ``line``: where it begins in the file, from 1. ``role`` and ``why`` are filled in
    as the page is understood.
    """

    form: Form
    text: str
    line: int
    level: int = 0
    role: str = ""
    why: str = ""

    def take(self, role: str, why: str) -> None:
        """Say what the block was taken for, and why."""
        self.role, self.why = role, why


def markdown_blocks(text: str) -> list[Block]:
    """The blocks of a Markdown or plain-text page; blank lines go."""
    blocks: list[Block] = []
    lines = _INVISIBLE.sub("", text).splitlines()
    number = 0
    while number < len(lines):
        start = number
        line = lines[number].strip()
        number += 1
        if line.startswith("**") and not _BOLD.match(line):
            end = _bold_end(lines, start)
            if end is not None:
                parts = [_HARD_BREAK.sub("", part).strip() for part in lines[start : end + 1]]
                line, number = " ".join(parts), end + 1
        if line and not _TABLE_RULE.match(line):
            block = _block(line, start + 1)
            if block.text or block.form is Form.IMAGE:
                blocks.append(block)
            if image := _IMAGE.match(line):
                blocks.append(dropped(image["address"], start + 1, "an image's address"))
    return blocks


def dropped(text: str, line: int, why: str) -> Block:
    """Text of the file that no reader of the page sees; it is accounted for and left out."""
    return Block(Form.TEXT, text, line, role="dropped", why=why)


def _bold_end(lines: list[str], start: int) -> int | None:
    """Where a bold run that begins on ``start`` ends, if it does within its paragraph."""
    for end in range(start + 1, min(start + 4, len(lines))):
        line = lines[end].strip()
        if not line or line.startswith("#"):
            return None
        if line.endswith("**"):
            return end
    return None


def _block(line: str, number: int) -> Block:
    if heading := _HEADING.match(line):
        return Block(Form.HEADING, _unmarked(heading[2]), number, level=len(heading[1]))
    if image := _IMAGE.match(line):
        return Block(Form.IMAGE, image["alt"], number)
    if bold := _BOLD.match(line):
        return Block(Form.BOLD, _unmarked(bold[2]), number)
    if line.startswith("|") and line.endswith("|") and line.count("|") > 2:
        return Block(Form.TABLE, " | ".join(cell.strip() for cell in line.strip("|").split("|")), number)
    return Block(Form.TEXT, _unmarked(line), number)


def _unmarked(text: str) -> str:
    return text.replace("**", "").strip()


def tight(text: str) -> str:
    """``text`` without the spaces that layout put inside Chinese."""
    return _LAYOUT_SPACE.sub("", text).strip()
