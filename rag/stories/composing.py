"""The answers of a question's parts put together as one list, each line cited; what a part does not tell is said so.

The entry is ``divided_answer``: it takes the function that answers one question, and returns None for a question that
is none of this kind. Nothing here asks a model, and nothing is said that an answer of a part did not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from index.errors import BaowenError
from index.search.query import quoted
from index.storage.store import Store
from rag.citations import Numbered, marked
from rag.results import Answer, Passage, Sentence, Timings
from rag.search.hits import find

from .division import Division, Part, divide

_GAP = "馆藏没有说"


class Ask(Protocol):
    """Answers and checks one question; ``Archive.ask`` is one."""

    def __call__(self, question: str, *, since: str | None = None, until: str | None = None) -> Answer:
        """The checked answer."""
        ...


def divided_answer(question: str, store: Store, ask: Ask) -> Answer | None:
    """The answer to a comparison or development question; None where it is neither.

    Args:
        question: as it is understood, standing by itself.
        store: the archive's state, by which developments are divided into the periods that have reports.
        ask: answers one question, with the dates within which it looks.
    """

    def months_of(topic: str) -> dict[str, int]:
        try:
            return find(store, quoted(topic), "newest").facets(["month"], 65_000)["month"]
        except BaowenError:  # words that no query can have
            return {}

    division = divide(question, months_of)
    if division is None:
        return None
    answers = [ask(part.question, since=part.since, until=part.until) for part in division.parts]
    return composed(question, division, answers)


def composed(question: str, division: Division, answers: Sequence[Answer]) -> Answer:
    """One answer of several: a line a part, the citations numbered through.

    Args:
        question: the whole question.
        division: its parts.
        answers: one a part.
    """
    numbered = Numbered()
    lines, sentences, passages = [], [], dict[tuple[str, int], Passage]()
    for part, answer in zip(division.parts, answers, strict=True):
        told = [] if answer.refused else _renumbered(answer, numbered)
        lines.append(_line(part, answer, told))
        sentences += told
        passages |= {(p.article.id, p.start): p for p in answer.passages}
    kinds = [answer.kind for answer in answers if not answer.refused]
    return Answer(
        "\n".join(lines),
        "refused" if not kinds else "quoted" if set(kinds) == {"quoted"} else "answered",
        reason=next((answer.reason for answer in answers if answer.refused), "") if not kinds else "",
        sentences=tuple(sentences),
        citations=tuple(numbered.found),
        passages=tuple(passages.values()),
        timings=_timings([answer.timings for answer in answers]),
        question=question,
    )


def _renumbered(answer: Answer, numbered: Numbered) -> list[Sentence]:
    """The sentences of a part with the numbers that their citations have in the whole; those without any left out."""
    held = {citation.number: citation for citation in answer.citations}
    told = []
    for sentence in answer.sentences:
        cited = [held[number] for number in sentence.citations if number in held]
        if cited:
            told.append(replace(sentence, citations=numbered.numbers(cited)))
    return told


def _line(part: Part, answer: Answer, told: Sequence[Sentence]) -> str:
    if not told:
        return f"{part.label}：{_GAP}。"
    note = "（报纸原文）" if answer.kind == "quoted" else ""
    return f"{part.label}：{note}{''.join(marked(sentence) for sentence in told)}"


def _timings(timings: Sequence[Timings]) -> Timings:
    first = next((t.first_token_ms for t in timings if t.first_token_ms is not None), None)
    return Timings(sum(t.retrieve_ms for t in timings), first, sum(t.total_ms for t in timings))
