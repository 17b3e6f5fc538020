"""From a question to a cited answer: retrieve, decide, let the model phrase it, check what it said."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import resources

from index.config import Settings
from index.embedder import Embedder
from index.store import Filter, Store

from . import evidence
from .citing import Citations, cite, quotes
from .generators import Generator, Message
from .narrowing import Narrowing
from .results import Answer, Done, Event, Found, Passage, Sentence, Timings, Token
from .retrieval import search

NOTHING_RELEVANT = "nothing relevant"
NOT_IN_ARCHIVE = "not in the archive"

_REFUSALS = {
    NOTHING_RELEVANT: "馆藏的报纸里没有查到与这个问题有关的报道。",
    NOT_IN_ARCHIVE: "馆藏的报纸里有相关的报道，但没有写到这个问题的答案。",
}
# The model was not asked to decline; when it does all the same, the answer is a refusal.
_DECLINES = re.compile(
    r"(?:资料|材料|文中|原文|信息|上述|报道)[^。]{0,12}(?:没有|未|并未|不包含|无法|不足)|^(?:抱歉|对不起|无法)"
)


def prompt(name: str) -> str:
    """The text of a prompt file."""
    return resources.files(__package__).joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8").strip()


def answer_events(
    store: Store,
    embedder: Embedder,
    generator: Callable[[], Generator],
    question: str,
    where: Filter,
    narrowing: Narrowing | None,
    settings: Settings,
) -> Iterator[Event]:
    """Answer ``question``: first the passages found, then tokens as the model writes, last the checked answer.

    Args:
        generator: returns the model; called only when there is something to phrase.
    """
    clock = _Clock()
    options = settings.answers
    found = search(store, embedder, [(question, where)], options.passages, settings.retrieval)[0]
    shown = evidence.choose(found, options)
    clock.retrieved()
    yield Found(tuple(shown), narrowing)
    if evidence.signals(store, question, shown).relevance < options.relevance:
        yield Done(_refusal(NOTHING_RELEVANT, (), clock))
        return
    written = ""
    for piece in generator().stream(messages(question, shown), settings.generator.max_tokens):
        if piece:
            clock.token()
        written += piece
        yield Token(piece)
    yield Done(check(question, written, shown, clock.timings()))


def messages(question: str, shown: Sequence[Passage]) -> list[Message]:
    """The chat that the model continues."""
    asked = prompt("question").format(evidence=evidence.as_prompt(shown), question=evidence.harmless(question))
    return [{"role": "system", "content": prompt("answer")}, {"role": "user", "content": asked}]


def check(question: str, written: str, shown: Sequence[Passage], timings: Timings) -> Answer:
    """Keep the sentences that the passages support, with their citations; refuse where none is left."""
    citations = Citations()
    if not _DECLINES.search(written):
        sentences = cite(written, quotes(shown), citations)
        if sentences:
            text = "".join(_marked(sentence) for sentence in sentences)
            return Answer(text, False, "", tuple(sentences), tuple(citations.found), tuple(shown), timings)
    return Answer(_REFUSALS[NOT_IN_ARCHIVE], True, NOT_IN_ARCHIVE, passages=tuple(shown), timings=timings)


def _marked(sentence: Sentence) -> str:
    """A sentence with the numbers of its citations before its final stop."""
    marks = "".join(f"[{number}]" for number in sentence.citations)
    body = sentence.text.rstrip("。！？!?.；; ")
    return f"{body}{marks}{sentence.text[len(body) :].strip() or '。'}"


def _refusal(reason: str, shown: Sequence[Passage], clock: _Clock) -> Answer:
    return Answer(_REFUSALS[reason], True, reason, passages=tuple(shown), timings=clock.timings())


class _Clock:
    """Milliseconds from the question to each stage."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._retrieved = 0.0
        self._first_token: float | None = None

    def _now(self) -> float:
        return round((time.perf_counter() - self._start) * 1000, 1)

    def retrieved(self) -> None:
        self._retrieved = self._now()

    def token(self) -> None:
        if self._first_token is None:
            self._first_token = self._now()

    def timings(self) -> Timings:
        return Timings(self._retrieved, self._first_token, self._now())
