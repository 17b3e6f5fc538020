"""An opened archive: the one object that the Python API, the shell and the web chat use."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Unpack

from index.article import Article
from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import Embedder, LazyEmbedder
from index.models.pair import PairModel, load_pair_model
from index.overlay.log import Overlay
from index.storage.milvus import milvus_address
from index.storage.opening import check_embedder, current_store
from index.storage.store import Filter, Store

from .answering import TOLD_EVERY, Models, with_snapshot
from .calibration import noted
from .correcting import Correcting
from .generation.self_check import attest, attests
from .generation.speed import characters
from .inquiry import Inquiry, Sources, inquiry_events, read_question
from .llm import Generator, load_generator
from .manuscript import verdicts
from .options import AskOptions, SearchOptions
from .query.validation import (
    Conditions,
    DayGiven,
    check_count,
    check_date,
    check_filter,
    check_history,
    check_question,
    check_questions,
    check_whole,
)
from .results import Answer, Done, Event, Found, Passage, Verdict
from .retrieval.hybrid import search
from .retrieval.reranking import reranked
from .serving.cancellation import Cancellation, Watched, guarded, limited
from .serving.database.corrections import open_overlay
from .serving.fair_queue import FairQueue
from .stories.report import report


class Archive(Correcting):
    """An opened archive. It is read-only except for corrections of text.

    Args:
        store: returns the snapshot to read; called once per question, so that a newly published one is used.
        embedder: the model the archive was built with.
        generator: the language model; None: the configured one is loaded for the first question.
        pair: the model that reads passages and judges sentences; None: the trained one is loaded on first use.
        overlay: the corrections made by hand; None: there are none.
        folder: where corrections of text are published; None: they are not published.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        embedder: Embedder,
        generator: Generator | None = None,
        settings: Settings | None = None,
        pair: PairModel | None = None,
        overlay: Overlay | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(store, embedder, settings or Settings.load(), overlay, folder)
        self._generator = generator
        self._pair = pair
        self._loading = threading.Lock()
        self.queue = FairQueue()

    @classmethod
    def open(cls, path: str | Path, settings: Settings | None = None) -> Archive:
        """Open the archive in folder ``path`` or in Milvus. The archive must exist: it is never built here.

        Raises:
            BaowenError: there is no archive, it is damaged, or it was built with another embedder.
        """
        settings = settings or Settings.load()
        current = current_store(path, settings.milvus)
        check_embedder(current().stamp, path, settings)
        folder = Path(path) if milvus_address(path, settings.milvus) is None else None
        overlay = open_overlay(path, settings)
        return cls(current, LazyEmbedder(settings), settings=settings, overlay=overlay, folder=folder)

    @property
    def generator(self) -> Generator:
        """The language model, loaded on first use."""
        with self._loading:
            if self._generator is None:
                self._generator = load_generator(self.settings)
            return self._generator

    @property
    def pair(self) -> PairModel:
        """The model that reads passages and judges sentences, loaded on first use."""
        with self._loading:
            if self._pair is None:
                settings = self.settings
                self._pair = load_pair_model(settings.cache, settings.weights_mirror, settings.embedder.device)
            return self._pair

    def retrieve(
        self,
        question: str,
        k: int = 5,
        since: DayGiven | None = None,
        until: DayGiven | None = None,
        **options: Unpack[SearchOptions],
    ) -> list[Passage]:
        """Return the passages that ``search`` finds."""
        return list(self.search(question, k, since, until, **options).passages)

    def search(
        self,
        question: str,
        k: int = 5,
        since: DayGiven | None = None,
        until: DayGiven | None = None,
        *,
        where: Filter | None = None,
        as_of: DayGiven | None = None,
        read_dates: bool = True,
        **conditions: Unpack[Conditions],
    ) -> Found:
        """Return the best ``k`` passages for ``question``, best first; fewer if the archive has fewer.

        Args:
            question: a question in natural language.
            k: the number of passages.
            since: first publication date, for example ``2024-07-01``; None leaves the range open.
            until: last publication date, included.
            where: a complete filter, instead of ``since``, ``until`` and the conditions.
            as_of: the day that 昨天 and 上周 in the question refer to; None: today.
            read_dates: whether dates and pages that the question clearly names also narrow the search, if ``since``,
                ``until`` and ``page`` are not given; the result includes what was read.
            **conditions: ``paper``: the newspaper's name; ``page``: any page that the article is printed on, 2 or
                第2版; ``section``: the page's section, for example 要闻; ``reporter``: a reporter or correspondent.

        Raises:
            BaowenError: the question is empty or too long, ``k`` is below 1, a date or page is invalid, or the range
                ends before it begins.
        """
        where, store = check_filter(since, until, where, **conditions), self.store
        today = _day(check_date("as_of", as_of))
        asked, where, narrowing = read_question(store, question, where, today, read_dates, self.settings)
        return Found(tuple(self._ranked(store, [(asked, where)], check_count(k))[0]), narrowing)

    def retrieve_many(
        self, questions: Sequence[str], k: int = 5, where: Filter | None = None, *, read_dates: bool = True
    ) -> list[list[Passage]]:
        """Return for each question what ``retrieve`` returns; questions are embedded and searched in batches.

        Raises:
            BaowenError: as ``search``.
        """
        store = self.store
        where = check_filter(where=where)
        asked = [
            read_question(store, q, where, _day(None), read_dates, self.settings)[:2]
            for q in check_questions(questions)
        ]
        return self._ranked(store, asked, check_count(k))

    def _ranked(self, store: Store, asked: Sequence[tuple[str, Filter]], k: int) -> list[list[Passage]]:
        """The passages found, best first; the trained model orders the first ``retrieval.rerank`` of them."""
        options = self.settings.retrieval
        found = search(store, self.embedder, asked, max(k, options.rerank), options)
        if options.rerank:
            found = [reranked(self.pair, q, own, options.rerank) for (q, _), own in zip(asked, found, strict=True)]
        return [passages[:k] for passages in found]

    def stream(
        self,
        question: str,
        history: Sequence[tuple[str, str]] = (),
        since: DayGiven | None = None,
        until: DayGiven | None = None,
        *,
        where: Filter | None = None,
        as_of: DayGiven | None = None,
        read_dates: bool = True,
        person: str = "",
        cancellation: Cancellation | None = None,
        **conditions: Unpack[Conditions],
    ) -> Iterator[Event]:
        """Yield the answer as events: ``Found``, ``Waiting``, one ``Token`` at a time, ``Done``. Closing stops it.

        A question that refers to the previous one (「那第二名呢？」) is completed from the history; the answer's
        ``question`` says how it was understood. A greeting gets a fixed reply; a request for a summary gets a list of
        articles. If the language model fails, the answer quotes the newspaper, and its ``note`` says so.

        Args:
            question: as for ``search``.
            history: earlier (question, answer) pairs of the conversation, oldest first, or messages with ``role`` and
                ``content`` as in OpenAI's API.
            since: as for ``search``.
            until: as for ``search``.
            where: as for ``search``.
            as_of: as for ``search``.
            read_dates: as for ``search``.
            person: who asks; people take turns at the language model.
            cancellation: lets another thread end the answer. With it, ``answers.time_limit`` ends an answer that cannot
                be cut short, and ``answers.longest_wait`` ends one that is waiting in the queue.
            **conditions: as for ``search``.

        Raises:
            BaowenError: as ``search``, before anything is searched; or the answer was cancelled.
        """
        where, day = check_filter(since, until, where, **conditions), check_date("as_of", as_of)
        asked = check_question(question, self.settings.answers.max_question)
        inquiry, store = Inquiry(asked, check_history(history), person, where, _day(day), read_dates), self.store
        events = with_snapshot(store.snapshot, self._events(store, inquiry, cancellation))
        if cancellation is None:
            return events
        cancellation.listen(self.queue.wake)
        return guarded(events, cancellation, self.settings.answers)

    def _events(self, store: Store, inquiry: Inquiry, cancellation: Cancellation | None) -> Iterator[Event]:
        """Yield the events of an answer, all read from one snapshot of the archive."""
        models = Models(self.embedder, self.pair, partial(self._watched, cancellation))
        sources = Sources(store, models, self.queue, self.settings, lambda: self.name_edits)
        yield from noted(inquiry_events(inquiry, sources), self.settings)

    def _watched(self, cancellation: Cancellation | None) -> Generator:
        """The language model, called when it is this question's turn; limited by the cancellation, if there is one."""
        if cancellation is None:
            return self.generator
        model = Watched(self.generator, cancellation)
        limited(cancellation, self.settings.answers)
        return model

    def ask(
        self,
        question: str,
        history: Sequence[tuple[str, str]] = (),
        since: DayGiven | None = None,
        until: DayGiven | None = None,
        **options: Unpack[AskOptions],
    ) -> Answer:
        """Return the checked answer to ``question``; arguments and errors as ``stream``."""
        for event in self.stream(question, history, since, until, **options):
            if isinstance(event, Done):
                return event.answer
        raise BaowenError("语言模型没有回答 (the model gave no answer)")

    def report(self, topic: str, since: DayGiven | None = None, until: DayGiven | None = None) -> Answer:
        """Return what the reports on ``topic`` found, by date: one cited sentence per report, not written by a model.

        Raises:
            BaowenError: as ``search``.
        """
        topic = check_question(topic, self.settings.answers.max_question)
        store = self.store
        made = report(store, self.embedder, self.pair, topic, check_filter(since, until), self.settings)
        return replace(made, snapshot=store.snapshot)

    def check(self, text: str, articles: Sequence[str] | None = None, question: str = "") -> list[Verdict]:
        """Return one verdict per sentence of ``text``, in order: whether the newspaper supports it.

        Args:
            text: a sentence or a manuscript.
            articles: ids of the articles to judge against; None: the archive is searched for each sentence.
            question: the question that the text answers, if any; it is added to each sentence when searching.

        Raises:
            BaowenError: the text is empty, or an article is not in the archive.
        """
        return list(self.checking(text, articles, question))

    def checking(self, text: str, articles: Sequence[str] | None = None, question: str = "") -> Iterator[Verdict]:
        """Yield the verdicts of ``check`` one by one."""
        return verdicts(self.store, self.embedder, self.pair, text, articles, question, self.settings, self._attest)

    def _attest(self, sentence: str, articles: Sequence[Article]) -> Mapping[str, float]:
        """The language model's own judgement of a sentence; empty for a model that was not trained to give one."""
        if not attests(self.settings.generator.model):
            return {}
        with self.queue.join("") as ticket:
            for _ in ticket.places(TOLD_EVERY):
                pass
            model = self.generator
            return attest(model, characters(self.settings, model), sentence, articles)

    def articles(self, limit: int, offset: int = 0) -> list[Article]:
        """Return articles, newest first, then by page."""
        return self.store.articles(check_whole("limit", limit), check_whole("offset", offset))


def _day(as_of: str | None) -> datetime.date:
    """The day that 昨天 refers to: ``as_of`` in ISO format, or today."""
    return datetime.date.fromisoformat(as_of) if as_of else datetime.date.today()
