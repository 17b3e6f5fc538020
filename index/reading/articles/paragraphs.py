"""Rejoin paragraphs that were cut by columns, pictures and badges."""

from __future__ import annotations

from collections.abc import Iterable

from ..blocks import Block, Form, is_finished, tight

_LONGEST_TITLE = 30
_OPENS_LINE = ("●", "■", "★", "•")


def join_paragraphs(blocks: Iterable[Block]) -> list[str]:
    """The paragraphs of an article's body; subheads and table rows stay separate."""
    return join_placed(blocks)[0]


def join_placed(blocks: Iterable[Block]) -> tuple[list[str], list[tuple[Block, int, int]]]:
    """The paragraphs of an article's body, and the range of each block in the paragraphs joined by newlines."""
    paragraphs: list[str] = []
    placed: list[tuple[Block, int, int]] = []
    done = 0  # characters of the finished paragraphs, including newlines
    open_paragraph = False
    before: Block | None = None
    for block in blocks:
        text = block.text if block.form is Form.TABLE else tight(block.text)
        running = block.role == "paragraph"
        apart = block.apart or (before is not None and _is_line_of_its_own(before.text))
        before = block
        if not text.strip():
            continue
        if running and open_paragraph and not apart and not block.text.startswith(_OPENS_LINE):
            paragraphs[-1] += " " if _needs_space(paragraphs[-1], block.text) else ""
        else:
            done += len(paragraphs[-1]) + 1 if paragraphs else 0
            paragraphs.append("")
        start = done + len(paragraphs[-1])
        paragraphs[-1] += text
        placed.append((block, start, start + len(text)))
        open_paragraph = running and not is_finished(paragraphs[-1])
    return paragraphs, placed


def _is_line_of_its_own(text: str) -> bool:
    """Whether an unfinished line is a title or signature set off by dashes, and not a torn line."""
    return text.startswith("——") or (text.endswith("——") and len(text) < _LONGEST_TITLE)


def _needs_space(before: str, after: str) -> bool:
    """Whether two Latin words would run together without a space."""
    return before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha()
