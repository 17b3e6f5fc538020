"""Numbers the citations of an answer and writes the numbers into its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .results import CITATION_MARK, Citation, Passage, Sentence


class Numbered:
    """Numbers citations in the order of first use.

    Args:
        shown: the passages found; a citation that begins in one of them refers to it.
    """

    def __init__(self, shown: Sequence[Passage] = ()) -> None:
        self.found: list[Citation] = []
        self._shown = shown

    def numbers(self, citations: Sequence[Citation]) -> tuple[int, ...]:
        """Return the numbers of these citations; the same span of the same article always has the same number."""
        return tuple(sorted({self._number(one) for one in citations}))

    def _number(self, one: Citation) -> int:
        for known in self.found:
            if (known.passage.article.id, known.start, known.end) == (one.passage.article.id, one.start, one.end):
                return known.number
        around = (p for p in self._shown if p.article.id == one.passage.article.id and p.start <= one.start < p.end)
        passage = next(around, one.passage)
        self.found.append(replace(one, number=len(self.found) + 1, passage=passage))
        return len(self.found)


def marked(sentence: Sentence) -> str:
    """Return a sentence with the numbers of its citations before the final punctuation."""
    marks = "".join(f"[{number}]" for number in sentence.citations)
    text = _printed(sentence.text)
    body = text.rstrip("。！？!?.；; ")
    return f"{body}{marks}{text[len(body) :].strip() or '。'}"


def quoted(sentence: Sentence) -> str:
    """Return a newspaper sentence in quotation marks, followed by the numbers of its citations."""
    return f"“{_printed(sentence.text)}”" + "".join(f"[{number}]" for number in sentence.citations)


def _printed(text: str) -> str:
    """Newspaper text whose own [1] is written differently, so that it cannot be taken for a citation."""
    return CITATION_MARK.sub(r"［\1］", text)
