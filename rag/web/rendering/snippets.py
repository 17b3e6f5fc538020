"""Splits snippets into marked and unmarked pieces."""

from __future__ import annotations

from typing import Any

from rag.search.snippets import Snippet


def pieces(snippet: Snippet) -> list[dict[str, Any]]:
    """Return a snippet as pieces, marked or not."""
    found, position = [], 0
    for start, end in snippet.marks:
        found += [{"text": snippet.text[position:start], "marked": False}]
        found += [{"text": snippet.text[start:end], "marked": True}]
        position = end
    return [*found, {"text": snippet.text[position:], "marked": False}]
