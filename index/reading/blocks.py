"""Lines of a page as blocks: what each line is, judged by its form alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .content.characters import INVISIBLE
from .facts.imprint import Imprint
from .layout.places import Place

# ``#题`` without a space is a headline too; ``#话题#`` is a tag.
_HEADING = re.compile(r"^(#{1,6})(?:\s+|(?=[^#\s!\d]))((?:(?!#$).)*?)\s*(?:\s#+\s*)?$")
_BOLD = re.compile(r"^(\*\*|__)(?=\S)(.+?)(?<=\S)\1$")
_IMAGE = re.compile(r"^!\[(?P<alt>[^\]]*)\]\((?P<address>[^)]*)\)$")
_TABLE_RULE = re.compile(r"^\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?$")
_UNDERLINE = re.compile(r"^(={3,}|-{3,})$")
_RULE = re.compile(r"^(?:[-*_=~＝—─━]\s*){3,}$")
_HARD_BREAK = re.compile(r"(?: {2,}|\\)$")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\[\]]+)\]\((?P<address>[^()\s]{1,500})(?:\s+\"[^\"]*\")?\)")
_INLINE_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<address>[^)\s]*)\)")
_EMPHASIS = re.compile(r"(?<![*\d])\*(?=[^\s*])([^*\n]{1,200}?)(?<=[^\s*])\*(?!\*)")
_ITALIC_LINE = re.compile(r"^([*_])(?=[^\s*_])([^*_]+)(?<=[^\s*_])\1$")
_LONGEST_UNDERLINED = 60

# Layout puts spaces between Chinese characters; between Latin words they are meaningful.
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…·]"
_LAYOUT_SPACE = re.compile(rf"(?<={_WIDE})[ \t\u00a0\u3000]+(?=\S)|(?<=\S)[ \t\u00a0\u3000]+(?={_WIDE})")
# A line whose characters are separated by spaces: 本 报 讯
_SPREAD = re.compile(r"^(?:[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f“”\d][ \u3000]){4,}\S$")


class Form(Enum):
    """The form of a block."""

    HEADING = "heading"
    BOLD = "bold"
    TEXT = "text"
    IMAGE = "image"
    TABLE = "table"


@dataclass
class Block:
    """One line of a page (bold text may take several).

    ``level`` is that of a heading, 1 to 6. ``line`` is where the block begins in the file, from 1. ``indented``: it is
    indented like a paragraph. ``gap``: a blank line precedes it. ``link``: it consists of a link only. ``apart``: it
    does not continue the paragraph before it. ``places`` are its lines on the page image. ``page`` is its newspaper
    page, if the blocks of an article come from several. ``role``, ``why`` and ``imprint`` are set while the page is
    analysed.
    """

    form: Form
    text: str
    line: int
    level: int = 0
    role: str = ""
    why: str = ""
    indented: bool = False
    gap: bool = False
    link: bool = False
    apart: bool = False
    imprint: Imprint | None = None
    places: tuple[Place, ...] = ()
    page: int | None = None

    def take(self, role: str, why: str) -> None:
        """Set the block's role, and the reason for it."""
        self.role, self.why = role, why


def markdown_blocks(text: str, first_line: int = 1) -> list[Block]:
    """The blocks of a Markdown or plain-text page, without blank lines.

    Args:
        first_line: the number of the text's first line in its file.
    """
    blocks: list[Block] = []
    lines = INVISIBLE.sub("", text).splitlines()
    number = 0
    gap = True
    while number < len(lines):
        start = number
        raw = lines[number]
        line = raw.strip()
        number += 1
        if not line:
            gap = True
            continue
        if line.startswith("**") and not _BOLD.match(line):
            end = _bold_end(lines, start)
            if end is not None:
                parts = [_HARD_BREAK.sub("", part).strip() for part in lines[start : end + 1]]
                line, number = " ".join(parts), end + 1
        if line[0] in "|:-*_=~＝—─━" and (_TABLE_RULE.match(line) or _RULE.match(line)):
            gap = True
            continue
        found = list(_line_blocks(line, first_line + start))
        if number < len(lines) and gap and _is_underlined(line, lines[number].strip()):
            found[0].form, found[0].level = Form.HEADING, 1
            number += 1
        for block in found:
            block.gap, block.indented = gap, raw[0] in " \t\u3000" and raw[:2].isspace()
        blocks.extend(found)
        gap = False
    return blocks


def _line_blocks(line: str, number: int) -> Iterator[Block]:
    """Yield a line's block, and blocks for its addresses, which readers do not see."""
    hidden: list[str] = []
    if "](" in line and not _IMAGE.match(line):

        def show(match: re.Match[str]) -> str:
            hidden.append(match["address"])
            return match["text"]

        whole = _LINK.fullmatch(line)
        line = _INLINE_IMAGE.sub(lambda match: match["alt"], line) if "![" in line else line
        line = _LINK.sub(show, line)
        block = _block(line, number)
        block.link = whole is not None
    else:
        block = _block(line, number)
    if block.text or block.form is Form.IMAGE:
        yield block
    if image := _IMAGE.match(line):
        yield dropped(image["address"], number, "an image's address")
    for address in hidden:
        yield dropped(address, number, "a link's address")


def _is_underlined(line: str, under: str) -> bool:
    """Whether ``under`` makes a short line a heading (setext)."""
    return (
        under[:1] in ("=", "-")
        and bool(_UNDERLINE.match(under))
        and len(line) <= _LONGEST_UNDERLINED
        and line[0] not in "#>|-*"
        and line[-1] not in "。；"
    )


def dropped(text: str, line: int, why: str) -> Block:
    """A block for text of the file that readers of the page do not see; it is accounted for and left out."""
    return Block(Form.TEXT, text, line, role="dropped", why=why)


def _bold_end(lines: list[str], start: int) -> int | None:
    """The line on which bold text that begins at ``start`` ends, or None if it does not end within its paragraph."""
    for end in range(start + 1, min(start + 4, len(lines))):
        line = lines[end].strip()
        if not line or line.startswith("#"):
            return None
        if line.endswith("**"):
            return end
    return None


def _block(line: str, number: int) -> Block:
    if line[0] == ">":
        line = line.lstrip("> ") or line
    if line[0] == "#" and (heading := _HEADING.match(line)):
        return Block(Form.HEADING, _unmarked(heading[2]), number, level=len(heading[1]))
    if image := _IMAGE.match(line):
        return Block(Form.IMAGE, image["alt"], number)
    if bold := _BOLD.match(line):
        return Block(Form.BOLD, _unmarked(bold[2]), number)
    if line.startswith("|") and line.endswith("|") and line.count("|") > 2:
        return Block(Form.TABLE, " | ".join(cell.strip() for cell in line.strip("|").split("|")), number)
    if italic := _ITALIC_LINE.match(line):
        return Block(Form.TEXT, italic[2].strip(), number)
    return Block(Form.TEXT, _unmarked(line), number)


def _unmarked(text: str) -> str:
    if "*" in text:
        text = _EMPHASIS.sub(r"\1", text.replace("**", ""))
    text = text.strip()
    return re.sub(r"[ \u3000]", "", text) if _SPREAD.match(text) else text


def tight(text: str) -> str:
    """``text`` without the spaces that layout inserts into Chinese."""
    return _LAYOUT_SPACE.sub("", text).strip()


# What a paragraph can end with. A closing quote or bracket ends it only after a full stop or a similar mark.
_ENDS = "。！？!?…；;"
_CLOSING = "”’」』）)》】\"'"


def is_finished(text: str) -> bool:
    """Whether ``text`` ends like a paragraph."""
    stripped = text.rstrip()
    bare = stripped.rstrip(_CLOSING)
    if bare[-1:] == "." and "\u4e00" <= bare[-2:-1] <= "\u9fff":
        return True  # a full stop that was recognised or typed as a Latin one
    return stripped == "" or (bare[-1:] in _ENDS if bare else True) or stripped[-1] in "：:"
