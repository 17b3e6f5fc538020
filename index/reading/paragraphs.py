"""Put paragraphs back together that columns, pictures and badges cut."""

from __future__ import annotations

from collections.abc import Iterable

from .blocks import Block, Form, tight

# What a paragraph can end with. A closing quote or bracket ends one only with a stop before it.
ENDS = "。！？!?…；;"
_CLOSING = "”’」』）)》】\"'"
_LONGEST_TITLE = 30
_OPENS_LINE = ("●", "■", "★", "•")


def is_finished(text: str) -> bool:
    """Whether ``text`` ends as a paragraph does."""
    stripped = text.rstrip()
    bare = stripped.rstrip(_CLOSING)
    return stripped == "" or (bare[-1:] in ENDS if bare else True) or stripped[-1] in "：:"


def join_paragraphs(blocks: Iterable[Block]) -> list[str]:
    """Paragraphs of an article's body; subheads and table rows stay on their own."""
    paragraphs: list[str] = []
    open_paragraph = False
    before: Block | None = None
    for block in blocks:
        running = block.role == "paragraph"
        apart = block.apart or (before is not None and _is_line_of_its_own(before.text))
        if running and open_paragraph and not apart and not block.text.startswith(_OPENS_LINE):
            paragraphs[-1] += (" " if _needs_space(paragraphs[-1], block.text) else "") + tight(block.text)
        else:
            paragraphs.append(block.text if block.form is Form.TABLE else tight(block.text))
        open_paragraph = running and not is_finished(paragraphs[-1])
        before = block
    return [paragraph for paragraph in paragraphs if paragraph.strip()]


def _is_line_of_its_own(text: str) -> bool:
    """Whether an unfinished line is a title or a signature rather than torn: it is set off by dashes."""
    return text.startswith("——") or (text.endswith("——") and len(text) < _LONGEST_TITLE)


def _needs_space(before: str, after: str) -> bool:
    """Whether two Latin words would run together."""
    return before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha()
