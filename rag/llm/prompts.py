"""The texts of ``rag/prompts`` and what may be put into them."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from index.text.words import visible

_CHAT_MARK = re.compile(r"<\|")


@cache
def prompt(name: str) -> str:
    """The text of a prompt file."""
    return resources.files("rag").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8").strip()


def without_chat_marks(text: str) -> str:
    """``text`` with nothing in it that a chat template would take for one of its own marks."""
    return _CHAT_MARK.sub("＜|", visible(text))
