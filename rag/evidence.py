"""What the model is given to read, and whether it is worth asking at all."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.config import AnswerSettings
from index.store import Store
from index.words import folded

from .ranking import covered, word_weights
from .results import Passage

_CHAT_MARK = re.compile(r"<\|")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


@dataclass(frozen=True)
class Signals:
    """How well passages fit a question.

    ``coverage``: share of the question's words that stand in the best passage or its headline, each weighted by how
    rare it is in the archive; ``cosine``: the best passage's.
    """

    coverage: float
    cosine: float

    @property
    def relevance(self) -> float:
        """Probability that the archive has something to say, by logistic regression (benchmarks/README.md)."""
        return 1.0 / (1.0 + math.exp(-(_WEIGHTS[0] + _WEIGHTS[1] * self.coverage + _WEIGHTS[2] * self.cosine)))


# Fitted on RGB-zh development questions asked of archives with and without their passages (benchmarks/relevance.py).
_WEIGHTS = (-36.06, 4.57, 36.84)


def signals(store: Store, question: str, passages: Sequence[Passage]) -> Signals:
    """Measure how well ``passages`` fit ``question``; all zero where there are none."""
    if not passages:
        return Signals(0.0, 0.0)
    weights = word_weights(store, question)
    texts = [folded(f"{passage.article.heading} {passage.text}") for passage in passages]
    coverage = max(covered(weights, text) for text in texts)
    return Signals(coverage, max(passage.cosine or 0.0 for passage in passages))


def choose(passages: Sequence[Passage], settings: AnswerSettings) -> list[Passage]:
    """The best passages that fit the budget; always at least one."""
    chosen: list[Passage] = []
    left = settings.evidence_characters
    for passage in passages[: settings.passages]:
        if not chosen or len(passage.text) <= left:
            chosen.append(passage)
            left -= len(passage.text)
    return chosen


def as_prompt(passages: Sequence[Passage]) -> str:
    """The evidence as the model reads it: headline, date and page before each passage."""
    parts = []
    for passage in passages:
        article = passage.article
        page = f"第{article.page}版" if article.page else ""
        place = " ".join(part for part in (article.date, page) if part)
        heading = f"《{article.title}》" if article.title else ""
        parts.append(f"{heading}{f'（{place}）' if place else ''}\n{passage.text}".strip())
    return harmless("\n\n".join(parts))


def harmless(text: str) -> str:
    """``text`` with nothing in it that a chat template would take for one of its own marks."""
    return _CHAT_MARK.sub("＜|", _INVISIBLE.sub("", text))
