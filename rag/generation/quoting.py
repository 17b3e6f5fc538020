"""The newspaper's own sentence or two that tell what is asked, at most ``LONGEST`` characters of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.article import Article, Span
from index.models.pair import PairModel
from index.passages import sentences
from rag.results import Passage
from rag.verification.evidence import pieces

LONGEST = 120
_CLAUSE = re.compile(r"[^，,；;：:]*[，,；;：:]?")
_LOOKED_AT = 24  # sentences that the model reads by themselves
_DRAFT = 4.0  # what all the words of a draft in a sentence are worth, in logits
_SPAN = 1.5  # what the likeliest answer of a passage in a sentence is worth


@dataclass(frozen=True)
class Quoted:
    """A stretch of an article and how surely it tells what is asked, a logit."""

    article: Article
    span: Span
    score: float

    @property
    def text(self) -> str:
        """As printed."""
        return self.article.body[self.span.start : self.span.end]


def best_quotes(
    model: PairModel, question: str, passages: Sequence[Passage], spans: Sequence[tuple[int, int]], draft: str
) -> list[Quoted]:
    """Sentences of ``passages`` by how surely they tell what is asked, best first.

    Args:
        spans: the likeliest answer in each passage, characters of its text.
        draft: what the language model says; a sentence that tells it too is likelier to be the one.
    """
    found = _sentences(passages)[:_LOOKED_AT]
    said = pieces(draft) - pieces(question)
    readings = model.read([(question, p.article.body[s.start : s.end]) for p, s in found])
    answers = {(p.article.id, p.start + start, p.start + end) for p, (start, end) in zip(passages, spans, strict=True)}
    quoted = []
    for (passage, span), reading in zip(found, readings, strict=True):
        text = passage.article.body[span.start : span.end]
        held = len(said & pieces(text)) / len(said) if said else 0.0
        inside = any(i == passage.article.id and span.start <= start and end <= span.end for i, start, end in answers)
        score = reading.answers + _DRAFT * held + _SPAN * inside
        quoted.append(
            Quoted(passage.article, _fitting(passage.article, span, said, (reading.start, reading.end)), score)
        )
    return sorted(quoted, key=lambda one: -one.score)


def _sentences(passages: Sequence[Passage]) -> list[tuple[Passage, Span]]:
    found: dict[tuple[str, int], tuple[Passage, Span]] = {}
    for passage in passages:
        for span in sentences(passage.article.body):
            if span.start < passage.end and passage.start < span.end:
                found.setdefault((passage.article.id, span.start), (passage, span))
    return list(found.values())


def _fitting(article: Article, span: Span, said: set[str], answer: tuple[int, int]) -> Span:
    """The sentence, or the clauses of it around the answer that fit."""
    text = article.body[span.start : span.end]
    if len(text) <= LONGEST:
        return span
    clauses = [m for m in _CLAUSE.finditer(text) if m.group()]
    worth = [len(said & pieces(m.group())) + 2.0 * (m.start() < answer[1] and answer[0] < m.end()) for m in clauses]
    windows = [
        (sum(worth[first:last]), -(clauses[last - 1].end() - clauses[first].start()), first, last)
        for first in range(len(clauses))
        for last in range(first + 1, len(clauses) + 1)
        if clauses[last - 1].end() - clauses[first].start() <= LONGEST
    ]
    if not windows:
        return Span(span.start, span.start + LONGEST)
    _, _, first, last = max(windows)
    while last < len(clauses) and clauses[last].end() - clauses[first].start() <= LONGEST:
        last += 1
    while first > 0 and clauses[last - 1].end() - clauses[first - 1].start() <= LONGEST:
        first -= 1
    return Span(span.start + clauses[first].start(), span.start + clauses[last - 1].end())
