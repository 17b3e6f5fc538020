"""A question in a conversation: how it is understood, and which kind of answer it gets."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Steps
from dataclasses import dataclass, replace
from typing import TypeVar

from index.config import Settings
from index.overlay.names import NameEdits
from index.storage.store import Filter, Store

from .answering import TOLD_EVERY, Asked, Models, answer_events
from .llm import Generator
from .parts import is_complete, part_events
from .query.conversation import HELP, small_talk, summary_topic
from .query.division import Division, divided, may_divide
from .query.metadata_filter import narrowed_by_question
from .query.rewriting import follow_up_context, leans, rewritten, with_subject
from .query.validation import check_question
from .results import Answer, Done, Event, Found, MetadataFilter, Waiting
from .search.counting import counting_answer
from .serving.cancellation import model_failed
from .serving.fair_queue import FairQueue
from .serving.stopwatch import Stopwatch
from .stories.report import report
from .summary import summary_events

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Inquiry:
    """A question with the conversation before it, oldest first, the person who asks, and how to read its dates.

    ``where``: what the search is limited to; ``today``: what 昨天 is counted from.
    """

    question: str
    history: Sequence[tuple[str, str]]
    person: str
    where: Filter
    today: datetime.date
    read_dates: bool


@dataclass(frozen=True)
class Sources:
    """What answers are made from: one snapshot of the archive, the models, the queue for them, and the settings.

    ``edits``: returns the names that people merged or hid.
    """

    store: Store
    models: Models
    queue: FairQueue
    settings: Settings
    edits: Callable[[], NameEdits] = NameEdits


def inquiry_events(inquiry: Inquiry, sources: Sources) -> Iterator[Event]:
    """Yield the events of the answer.

    A greeting gets a fixed reply, a request for a summary a list of articles, and a question that counts reports the
    number. A question for several things is answered part by part, and a matter's course as a dated report.
    """
    if small_talk(inquiry.question):
        yield from (Found(()), Done(Answer(HELP, question=inquiry.question)))
        return
    settings, store = sources.settings, sources.store
    alone = yield from understood(inquiry, sources.models.generator, sources.queue, settings.answers.max_question)
    asked = _asked(inquiry, alone, sources)
    topic = summary_topic(alone)
    if topic is not None:
        yield from summary_events(store, sources.models.embedder, asked, topic, settings)
        return
    stopwatch = Stopwatch(settings.answers.time_limit)
    counted = counting_answer(
        store, sources.models.pair, asked.question, asked.where, asked.narrowing, asked.today, sources.edits
    )
    if counted:
        yield Found(counted.passages, asked.narrowing)
        yield Done(replace(counted, timings=stopwatch.timings()))
        return
    division = yield from _division(asked, sources)
    if division.topic and len((course := _course(asked, division.topic, sources)).parts) > 1:
        yield Found(course.passages, asked.narrowing)
        yield Done(course)
        return
    if division.parts:

        def answered(question: str) -> Iterator[Event]:
            return _answer_events(replace(_asked(inquiry, question, sources), is_part=True), sources)

        parts = yield from _last(part_events(asked.question, division.parts, answered))
        if is_complete(parts):
            yield Done(parts)
            return
        whole = yield from _last(_answer_events(asked, sources))
        yield Done(whole if parts.refused or not whole.refused else parts)
        return
    yield from _answer_events(asked, sources)


def _answer_events(asked: Asked, sources: Sources) -> Iterator[Event]:
    return answer_events(sources.store, sources.models, sources.queue, asked, sources.settings)


def _last(events: Iterator[Event]) -> Steps[Event, None, Answer]:
    """Yield the events before the answer; return the answer."""
    for event in events:
        if isinstance(event, Done):
            return event.answer
        yield event
    raise RuntimeError("events end with an answer")


def _asked(inquiry: Inquiry, question: str, sources: Sources) -> Asked:
    read = read_question(sources.store, question, inquiry.where, inquiry.today, inquiry.read_dates, sources.settings)
    along = follow_up_context(inquiry.question, inquiry.history)
    return Asked(*read, inquiry.person, along=along, today=inquiry.today)


def read_question(
    store: Store, question: str, where: Filter, today: datetime.date, read_dates: bool, settings: Settings
) -> tuple[str, Filter, MetadataFilter | None]:
    """Return the checked question, the filter to search with, and the part of the filter read from the question."""
    asked = check_question(question, settings.answers.max_question)
    if not read_dates:
        return asked, where, None
    last = store.dates()[1]
    return asked, *narrowed_by_question(asked, where, today, datetime.date.fromisoformat(last) if last else None)


def understood(
    inquiry: Inquiry, model: Callable[[], Generator], queue: FairQueue, longest: int
) -> Steps[Event, None, str]:
    """Return the question rewritten to stand alone; yield ``Waiting`` while queueing for the language model.

    Args:
        longest: the most characters of a question; if the rewritten one is longer, the original is asked.
    """
    question, history = inquiry.question, inquiry.history
    if not leans(question, history):
        return rewritten(None, question, history)
    alone = yield from _in_turn(
        queue, inquiry.person, lambda: rewritten(model(), question, history), lambda: with_subject(question, history)
    )
    return alone if len(alone) <= longest else question


def _division(asked: Asked, sources: Sources) -> Steps[Event, None, Division]:
    """Return the parts of the question."""
    models = sources.models
    if not (sources.settings.answers.divide and may_divide(models.pair, asked.question)):
        return Division()
    return (
        yield from _in_turn(sources.queue, asked.person, lambda: divided(models.generator(), asked.question), Division)
    )


def _in_turn(
    queue: FairQueue, person: str, work: Callable[[], _Result], otherwise: Callable[[], _Result]
) -> Steps[Event, None, _Result]:
    """Return what ``work`` does with the language model when it is this person's turn, or ``otherwise`` if it fails."""
    with queue.join(person) as ticket:
        for place in ticket.places(TOLD_EVERY):
            yield Waiting(place)
        try:
            return work()
        except Exception as error:
            model_failed(error)
            return otherwise()


def _course(asked: Asked, topic: str, sources: Sources) -> Answer:
    """A dated report on a matter, in the newspaper's own words."""
    models = sources.models
    made = report(sources.store, models.embedder, models.pair, topic, asked.where, sources.settings)
    return replace(made, question=asked.question, narrowing=asked.narrowing)
