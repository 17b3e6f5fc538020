"""Scores answers by code: right, quoted, refused; the rules are in docs/answers.md."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from index.types import JsonObject
from rag.results import CITATION_MARK, Answer


def unmarked(answer: Answer) -> str:
    """Return an answer's text without its citation marks."""
    return CITATION_MARK.sub("", answer.text)


def length(answer: Answer) -> int:
    """Return the number of characters of an answer without its citation marks."""
    return len(unmarked(answer))


def score_answers(answers: Sequence[Answer], right: Sequence[bool]) -> JsonObject:
    """Return the scores of answers for ``baowen eval``; ``right``: whether each contains the expected answer."""
    given = [answer for answer in answers if not answer.refused]
    first = [a.timings.first_token_ms for a in answers if a.timings.first_token_ms is not None]
    return {
        "accuracy": statistics.fmean(r and not a.refused for a, r in zip(answers, right, strict=True)),
        "refused": 1 - len(given) / len(answers),
        "quoted": sum(answer.kind == "quoted" for answer in answers) / len(answers),
        "mean_length": statistics.fmean(map(length, given)) if given else 0.0,
        "retrieve_ms_p50": statistics.median(answer.timings.retrieve_ms for answer in answers),
        "first_token_ms_p50": statistics.median(first) if first else None,
        "total_ms_p50": statistics.median(answer.timings.total_ms for answer in answers),
    }
