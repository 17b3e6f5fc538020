"""A comparison: each thing, date or side is asked about by itself, answered and checked as any question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Steps
from dataclasses import replace

from rag.answering import Asked
from rag.query.division import PartQuestion
from rag.results import Answer, Done, Event, Found, PartDone, Timings, Token
from rag.serving.stopwatch import Stopwatch

from .composing import Composing

Ask = Callable[[str], Iterator[Event]]


def comparison_events(whole: Asked, parts: Sequence[PartQuestion], ask: Ask, limit: float) -> Iterator[Event]:
    """Answer the parts one after another: of each what an answer streams, with ``PartDone`` in place of ``Done``.

    Args:
        whole: the question.
        parts: the question about each thing that it compares.
        ask: the events of one question's answer; each waits in line by itself.
        limit: seconds that an answer may take.
    """
    stopwatch, composing = Stopwatch(limit), Composing(whole)
    waited = 0.0
    for part in parts:
        answer = yield from _answered(ask(part.question), stopwatch)
        waited += answer.timings.waited_ms
        yield PartDone(composing.add(part.label, answer))
    yield Done(composing.answer(replace(stopwatch.timings(), waited_ms=waited)))


def _answered(events: Iterator[Event], stopwatch: Stopwatch) -> Steps[Event, None, Answer]:
    """The answer of a part; what is found for it and the first token count for the whole."""
    answer = Answer("", "refused", timings=Timings(0.0, None, 0.0))
    for event in events:
        if isinstance(event, Done):
            answer = event.answer
            continue
        if isinstance(event, Found):
            stopwatch.retrieved()
        if isinstance(event, Token) and event.text:
            stopwatch.token()
        yield event
    return answer
