"""A served archive, shared by all its views."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Unpack

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from index.errors import BaowenError
from rag.archive import Archive
from rag.audit import Audit
from rag.options import AskOptions
from rag.query.validation import DayGiven
from rag.results import Answer, Done, Event
from rag.serving.cancellation import Left
from rag.serving.workers import Workers

from ..access.caller import caller
from ..access.login import Passwords
from ..access.sessions import Sessions
from ..history.conversations import Conversations
from .feed import Feed

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 240)


class Metrics:
    """The metrics for Prometheus."""

    def __init__(self, archive: Archive) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter("baowen_answers", "Answers by outcome", ["outcome"], registry=self.registry)
        self._seconds = Histogram(
            "baowen_seconds", "Seconds from the question", ["stage"], buckets=_SECONDS, registry=self.registry
        )
        self.errors = Counter("baowen_errors", "Questions that ended in an error", registry=self.registry)
        self.in_line = Gauge("baowen_in_line", "Questions being answered or waiting", registry=self.registry)
        held = Gauge("baowen_articles", "Articles in the archive", registry=self.registry)
        held.set_function(lambda: archive.store.stamp.articles)

    def answered(self, answer: Answer) -> None:
        """Count an answer and its times."""
        self._answers.labels(answer.reason or "answered").inc()
        timings = answer.timings
        for stage, spent in (
            ("retrieve", timings.retrieve_ms),
            ("first_token", timings.first_token_ms),
            ("total", timings.total_ms),
        ):
            if spent is not None:
                self._seconds.labels(stage).observe(spent / 1000)


@dataclass
class ModelStatus:
    """The state of the models: why they cannot answer (yet), and why answers can only be quotations."""

    problem: str = ""
    degraded: str = ""


@dataclass(frozen=True)
class Site:
    """A served archive with its history, passwords and destination for new issues (None: none can be added).

    ``name`` is the archive's name, if a server has several.
    """

    archive: Archive
    history: Conversations
    passwords: Passwords | None = None
    feed: Feed | None = None
    name: str = ""
    models: ModelStatus = field(default_factory=ModelStatus)
    workers: Workers = field(default_factory=Workers)
    publishing: threading.Lock = field(default_factory=threading.Lock)  # corrections are published one at a time
    metrics: Metrics = field(init=False)
    audit: Audit = field(init=False)
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", Metrics(self.archive))
        object.__setattr__(self, "audit", Audit(self.archive.settings.audit))
        object.__setattr__(self, "sessions", Sessions(self.history))

    def stream(
        self,
        question: str,
        history: Sequence[tuple[str, str]] = (),
        since: DayGiven | None = None,
        until: DayGiven | None = None,
        **options: Unpack[AskOptions],
    ) -> Iterator[Event]:
        """Return the events of ``Archive.stream``; every question is counted and logged, however it ends."""
        try:
            events = self.archive.stream(question, history, since, until, **options)
        except BaowenError:
            self._ended("failed", question, options.get("person", ""))
            raise
        return self._counted(events, question, options.get("person", ""))

    def _counted(self, events: Iterator[Event], question: str, person: str) -> Iterator[Event]:
        outcome = "failed"
        with self.metrics.in_line.track_inprogress():
            try:
                for event in events:
                    if isinstance(event, Done):
                        outcome = event.answer.kind
                        self._answered(event.answer, person)
                    yield event
            except (GeneratorExit, Left):
                outcome = outcome if outcome != "failed" else "stopped"
                raise
            finally:
                if outcome in ("failed", "stopped"):
                    self._ended(outcome, question, person)

    def _answered(self, answer: Answer, person: str) -> None:
        self.metrics.answered(answer)
        cited = [citation.passage.article.id for citation in answer.citations]
        articles = list(dict.fromkeys(cited))
        self.note("asked", question=answer.question, snapshot=answer.snapshot, outcome=answer.kind, articles=articles)
        self.history.count(person, answer.kind, answer.timings.total_ms, answer.timings.waited_ms)

    def _ended(self, outcome: str, question: str, person: str) -> None:
        """Count and log a question that ended without an answer."""
        if outcome == "failed":
            self.metrics.errors.inc()
        self.note("asked", question=question, outcome=outcome)
        self.history.count(person, outcome)

    def note(self, action: str, *, who: str = "", question: str = "", **details: object) -> None:
        """Write an entry to the audit log; ``who``: the name given at a login, by default the caller's."""
        if self.audit:
            by = caller()
            beside = {"archive": self.name, "key": by.key}
            more = {name: value for name, value in beside.items() if value} | details
            self.audit.note(action, who or by.who, by.address, question=question, **more)
