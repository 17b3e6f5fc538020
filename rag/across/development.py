"""How a matter went on, and reports on a topic: a dated line a report, in the newspaper's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.config import Settings
from index.storage.store import Filter, Store
from rag.answering import Asked, Models
from rag.citations import Numbered
from rag.generation.quoting import Quoted
from rag.results import Answer, Done, Event, Found, PartDone, Sentence, Verdict, printed_date
from rag.serving.stopwatch import Stopwatch
from rag.verification.checker import citation

from .composing import Composing
from .findings import reports_on, told

_MOST = 6  # lines of an answer
_LEAST = 2  # reports, for a matter to have gone on
_REPORTED = 20  # lines of a report


def development_events(
    store: Store, models: Models, asked: Asked, matter: str, settings: Settings
) -> Iterator[Event] | None:
    """A dated line for each of the reports that tell how a matter went on; None where there are fewer than two."""
    stopwatch = Stopwatch(settings.answers.time_limit)
    reports = reports_on(store, models, matter, asked.where, settings)
    quotes = told(models.pair, matter, reports, _MOST)
    stopwatch.retrieved()
    return _events(asked, quotes, stopwatch) if len(quotes) >= _LEAST else None


def report(store: Store, models: Models, topic: str, where: Filter, settings: Settings) -> Answer:
    """The findings of the reports on a topic by date, each cited; refused where there are none."""
    stopwatch = Stopwatch(settings.answers.time_limit)
    reports = reports_on(store, models, topic, where, settings)
    quotes = told(models.pair, topic, reports, _REPORTED)
    stopwatch.retrieved()
    *_, last = _events(Asked(topic, where), quotes, stopwatch)
    assert isinstance(last, Done)
    return last.answer


def _events(asked: Asked, quotes: Sequence[Quoted], stopwatch: Stopwatch) -> Iterator[Event]:
    composing = Composing(asked)
    answers = [_quoted(asked, quote) for quote in quotes]
    yield Found(tuple(passage for answer in answers for passage in answer.passages), asked.narrowing)
    for quote, answer in zip(quotes, answers, strict=True):
        yield PartDone(composing.add(printed_date(quote.article.date), answer))
    yield Done(composing.answer(stopwatch.timings()))


def _quoted(asked: Asked, quote: Quoted) -> Answer:
    """A part that is the newspaper's own sentence."""
    own = citation(1, quote.article, quote.span)
    said = Sentence(quote.text, Numbered().numbers([own]), Verdict(quote.text, True, (), (own,), 1.0))
    return Answer(
        quote.text, "quoted", "", (said,), (own,), (own.passage,), question=asked.question, narrowing=asked.narrowing
    )
