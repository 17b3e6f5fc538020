"""The answers of a question's parts put together: a line a part, each with its citations, the gaps named.

Nothing is said here that the answer of a part did not say.
"""

from __future__ import annotations

from dataclasses import replace

from rag.answering import NOT_IN_ARCHIVE, Asked
from rag.citations import Numbered, marked, quoted
from rag.results import Answer, AnswerKind, Part, Passage, Sentence, Timings

_GAP = "馆藏没有写到"


class Composing:
    """An answer that grows by a part at a time.

    Args:
        asked: the whole question.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._numbered = Numbered()
        self._parts: list[Part] = []
        self._sentences: list[Sentence] = []
        self._passages: dict[tuple[str, int], Passage] = {}
        self._note = ""
        self._narrowing = asked.narrowing

    def add(self, label: str, answer: Answer) -> Part:
        """The part that ``answer`` makes, with the numbers that its citations have in the whole."""
        told = [] if answer.refused else self._renumbered(answer)
        text = "".join(quoted(s) if answer.kind == "quoted" else marked(s) for s in told)
        kind: AnswerKind = answer.kind if told else "refused"
        part = Part(label, answer.question, kind, text or f"{_GAP}。")
        self._parts.append(part)
        self._sentences += told
        self._passages |= {(passage.article.id, passage.start): passage for passage in answer.passages}
        self._note = self._note or answer.note
        self._narrowing = self._narrowing if answer.narrowing == self._narrowing else None  # each part has its own
        return part

    def _renumbered(self, answer: Answer) -> list[Sentence]:
        """The sentences of a part that cite something."""
        held = {citation.number: citation for citation in answer.citations}
        cited = [(s, [held[number] for number in s.citations if number in held]) for s in answer.sentences]
        return [replace(s, citations=self._numbered.numbers(own)) for s, own in cited if own]

    def answer(self, timings: Timings) -> Answer:
        """All of it: answered where one part is, else quoted where one is, else refused."""
        kinds = [part.kind for part in self._parts]
        kind: AnswerKind = next((kind for kind in ("answered", "quoted") if kind in kinds), "refused")  # type: ignore[misc]
        return Answer(
            "\n".join(part.line for part in self._parts),
            kind,
            "" if kind != "refused" else NOT_IN_ARCHIVE,
            tuple(self._sentences),
            tuple(self._numbered.found),
            tuple(self._passages.values()),
            timings,
            self._asked.question,
            self._narrowing,
            note=self._note,
            parts=tuple(self._parts),
        )
