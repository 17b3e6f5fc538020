"""Answers a divided question part by part: each is asked and checked like a question of its own, and has its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .citations import Numbered, marked, quoted
from .query.division import SubQuestion
from .results import Answer, AnswerPart, Done, Event, Found, Passage, Sentence, Timings, Token

NOT_TOLD = "馆藏的报纸没有写到。"


def part_events(
    question: str, parts: Sequence[SubQuestion], answered: Callable[[str], Iterator[Event]]
) -> Iterator[Event]:
    """Yield the events of each part's answer, then the answers together.

    Args:
        question: the whole question, as understood.
        answered: yields the events of the answer to a question.
    """
    answers: list[Answer] = []
    shown: tuple[Passage, ...] = ()
    for part in parts:
        for event in answered(part.question):
            match event:
                case Found(passages, _):
                    shown += tuple(one for one in passages if one not in shown)
                    yield Found(shown)
                    yield Token(f"{part.label}：")
                case Done(answer):
                    answers.append(answer)
                    yield Token("\n")
                case _:
                    yield event
    yield Done(together(question, parts, answers, shown))


def together(
    question: str, parts: Sequence[SubQuestion], answers: Sequence[Answer], shown: tuple[Passage, ...]
) -> Answer:
    """Return the answer with a line for each part; a part that the newspaper does not tell is said to be missing."""
    numbered, lines, told = Numbered(shown), list[AnswerPart](), list[Sentence]()
    for part, answer in zip(parts, answers, strict=True):
        own = [] if answer.refused else [_renumbered(sentence, answer, numbered) for sentence in answer.sentences]
        written = "".join(map(quoted if answer.kind == "quoted" else marked, own)) or NOT_TOLD
        lines.append(AnswerPart(part.label, written))
        told += own
    kinds = {answer.kind for answer in answers}
    return Answer(
        "\n".join(line.line for line in lines),
        "answered" if "answered" in kinds else "quoted" if "quoted" in kinds else "refused",
        "" if told else answers[0].reason,
        tuple(told),
        tuple(numbered.found),
        shown,
        _timings(answers),
        question,
        note=next((answer.note for answer in answers if answer.note), ""),
        parts=tuple(lines),
    )


def is_complete(answer: Answer) -> bool:
    """Return whether each part is told."""
    return all(part.text != NOT_TOLD for part in answer.parts)


def _renumbered(sentence: Sentence, answer: Answer, numbered: Numbered) -> Sentence:
    cited = [one for one in answer.citations if one.number in sentence.citations]
    return Sentence(sentence.text, numbered.numbers(cited), sentence.verdict)


def _timings(answers: Sequence[Answer]) -> Timings:
    """The first part's times until the first token; all parts' times until the end."""
    first, times = answers[0].timings, [answer.timings for answer in answers]
    total, waited = sum(one.total_ms for one in times), sum(one.waited_ms for one in times)
    return Timings(first.retrieve_ms, first.first_token_ms, round(total, 1), round(waited, 1))
