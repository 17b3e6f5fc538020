"""Whether a question is answered in parts: a comparison, a development, or any other question as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from index.config import Settings
from index.models.taggers import name_tagger
from index.storage.store import Store
from rag.answering import Asked, Models, answer_events, read_for
from rag.calibration import noted
from rag.query.division import compared, matter
from rag.results import Event
from rag.retrieval.reranking import ReadPassage
from rag.serving.fair_queue import FairQueue

from .comparison import comparison_events
from .development import development_events


def divided_events(
    store: Store,
    models: Models,
    queue: FairQueue,
    asked: Asked,
    read: Callable[[str], Asked],
    settings: Settings,
) -> Iterator[Event]:
    """The events of an answer: of its parts where the question compares or asks how a matter went on.

    A comparison is divided only where the best reports on its parts differ: where one report tells both, the model
    reads it once, with the whole question.

    Args:
        asked: the whole question.
        read: a part's question with the dates that it names and where to search.
    """

    def ask(question: Asked, found: Sequence[ReadPassage] | None = None) -> Iterator[Event]:
        return noted(answer_events(store, models, queue, question, settings, found), settings)

    parts = compared(asked.question, name_tagger) if settings.answers.divided else ()
    held = {part.question: read(part.question) for part in parts}
    found = {name: read_for(store, models, one, settings) for name, one in held.items()}
    if len({own[0].passage.article.id for own in found.values() if own}) > 1:
        limit = settings.answers.time_limit
        yield from comparison_events(asked, parts, lambda name: ask(held[name], found[name]), limit)
    elif not parts and settings.answers.divided and (topic := matter(asked.question)):
        yield from development_events(store, models, asked, topic, settings) or ask(asked)
    else:
        yield from ask(asked)
