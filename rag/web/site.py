"""What every view of one served archive shares."""

from __future__ import annotations

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from rag.archive import Archive
from rag.results import Answer
from rag.serving.workers import Workers

from .feed import Feed
from .history import History
from .login import Passwords

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


@dataclass(frozen=True)
class Site:
    """A served archive: who has asked what, who may, and where new issues go (None: they cannot be added here)."""

    archive: Archive
    history: History
    passwords: Passwords | None = None
    feed: Feed | None = None
    workers: Workers = field(default_factory=Workers, init=False)
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", Metrics(self.archive))
