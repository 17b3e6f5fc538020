"""Measures how long each stage of an answer takes."""

from __future__ import annotations

import time

from rag.results import Timings

_WRITING = 0.8  # of the limit; the rest is for checking the text


class Stopwatch:
    """Milliseconds from the question to each stage.

    Args:
        limit: the time limit of an answer, in seconds.
    """

    def __init__(self, limit: float) -> None:
        self._start = time.perf_counter()
        self._limit = limit
        self._begun = self._start
        self._retrieved = 0.0
        self._first_token: float | None = None
        self._joined: float | None = None
        self._waited = 0.0

    def _now(self) -> float:
        return round((time.perf_counter() - self._start) * 1000, 1)

    @property
    def over(self) -> bool:
        """Whether the time for writing is up; waiting in the queue does not count."""
        return time.perf_counter() - self._begun > _WRITING * self._limit

    def joined(self) -> None:
        """Note that the wait for the model begins."""
        self._joined = self._now()

    def begun(self) -> None:
        """Note that the wait for the model is over."""
        self._begun = time.perf_counter()
        if self._joined is not None:
            self._waited = round(self._now() - self._joined, 1)

    def retrieved(self) -> None:
        """Note that the passages have been found."""
        self._retrieved = self._now()

    def token(self) -> None:
        """Note that the model has written a token."""
        if self._first_token is None:
            self._first_token = self._now()

    def timings(self) -> Timings:
        """Return the timings measured so far."""
        return Timings(self._retrieved, self._first_token, self._now(), self._waited)
