"""The prompts in ``rag/prompts``, and cleaning of texts that are put into them."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from index.text.words import visible

_CHAT_MARK = re.compile(r"<\|")


@cache
def prompt(name: str) -> str:
    """Return the text of a prompt file."""
    return resources.files("rag").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8").strip()


def without_chat_marks(text: str) -> str:
    """Return ``text`` without anything that a chat template would take for its own markup."""
    return _CHAT_MARK.sub("＜|", visible(text))
