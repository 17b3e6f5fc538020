"""What every view of one served archive shares."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from rag.archive import Archive
from rag.audit import Audit
from rag.results import Answer
from rag.serving.workers import Workers

from ..access.caller import caller
from ..access.login import Passwords
from ..access.sessions import Sessions
from ..history.conversations import Conversations
from .feed import Feed

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 240)


class Metrics:
    """What is counted for Prometheus."""

    def __init__(self, archive: Archive) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter("baowen_answers", "Answers by outcome", ["outcome"], registry=self.registry)
        self._seconds = Histogram(
            "baowen_seconds", "Seconds from the question", ["stage"], buckets=_SECONDS, registry=self.registry
        )
        self.errors = Counter("baowen_errors", "Questions that ended in an error", registry=self.registry)
        waiting = Gauge("baowen_in_line", "Questions being answered or waiting for it", registry=self.registry)
        waiting.set_function(lambda: len(archive.queue))
        held = Gauge("baowen_articles", "Articles held", registry=self.registry)
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
class Models:
    """How far the models are: ``problem`` says why they cannot answer yet, or at all."""

    problem: str = ""


@dataclass(frozen=True)
class Site:
    """A served archive: who has asked what, who may, and where new issues go (None: they cannot be added here).

    ``name`` is the archive's, where a server has several.
    """

    archive: Archive
    history: Conversations
    passwords: Passwords | None = None
    feed: Feed | None = None
    name: str = ""
    models: Models = field(default_factory=Models)
    workers: Workers = field(default_factory=Workers)
    publishing: threading.Lock = field(default_factory=threading.Lock)  # of corrections, one at a time
    metrics: Metrics = field(init=False)
    audit: Audit = field(init=False)
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", Metrics(self.archive))
        object.__setattr__(self, "audit", Audit(self.archive.settings.audit))
        object.__setattr__(self, "sessions", Sessions(self.history))

    def answered(self, answer: Answer) -> None:
        """Count an answer, and note who asked."""
        self.metrics.answered(answer)
        cited = [citation.passage.article.id for citation in answer.citations]
        articles = list(dict.fromkeys(cited))
        self.note("asked", question=answer.question, snapshot=answer.snapshot, outcome=answer.kind, articles=articles)

    def note(self, action: str, *, who: str = "", **details: Any) -> None:
        """Note in the audit log what was done; ``who``: the name that somebody who logs in gave."""
        if self.audit:
            by = caller()
            where = {"archive": self.name} if self.name else {}
            self.audit.note(action, who or by.who, by.address, **where, **details)
