"""Score answers by code: right, refused, cited; the rules are in docs/answers.md."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .citing import Quote, supports
from .results import CITATION_MARK, Answer


@dataclass(frozen=True)
class CitationScore:
    """Sentences whose citations support them, citations that are needed, and of how many each."""

    supported: int
    sentences: int
    needed: int
    citations: int


def citation_score(answer: Answer) -> CitationScore:
    """Check an answer's citations anew, after Gao et al. (ALCE, EMNLP 2023), with code for their judge.

    A sentence is supported when what it cites, and nothing else, holds its numbers, names, quoted words and enough of
    its words. A citation is needed when the sentence's other citations do not support it by themselves.
    """
    quotes = {c.number: Quote.of(c) for c in answer.citations}
    supported = needed = cited = 0
    for sentence in answer.sentences:
        own = [quotes[number] for number in sentence.citations if number in quotes]
        right = supports(answer.question, sentence.text, own)
        supported += right
        cited += len(own)
        needed += sum(
            right and not supports(answer.question, sentence.text, [q for q in own if q is not quote]) for quote in own
        )
    return CitationScore(supported, len(answer.sentences), needed, cited)


def told(answer: Answer) -> str:
    """An answer's text without its citation marks."""
    return CITATION_MARK.sub("", answer.text)


def length(answer: Answer) -> int:
    """Characters of an answer, its citation marks left out."""
    return len(told(answer))


def score_answers(answers: Sequence[Answer], right: Sequence[bool]) -> dict[str, Any]:
    """What ``baowen eval`` prints of answers; ``right``: whether each holds what was expected."""
    given = [answer for answer in answers if not answer.refused]
    cited = [citation_score(answer) for answer in given]
    first = [a.timings.first_token_ms for a in answers if a.timings.first_token_ms is not None]
    return {
        "accuracy": statistics.fmean(r and not a.refused for a, r in zip(answers, right, strict=True)),
        "refused": 1 - len(given) / len(answers),
        "citation_recall": _ratio(sum(c.supported for c in cited), sum(c.sentences for c in cited)),
        "citation_precision": _ratio(sum(c.needed for c in cited), sum(c.citations for c in cited)),
        "mean_length": statistics.fmean(map(length, given)) if given else 0.0,
        "retrieve_ms_p50": statistics.median(answer.timings.retrieve_ms for answer in answers),
        "first_token_ms_p50": statistics.median(first) if first else None,
        "total_ms_p50": statistics.median(answer.timings.total_ms for answer in answers),
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
