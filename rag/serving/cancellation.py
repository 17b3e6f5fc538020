"""Ends an answer in progress: nobody waits for it any more, its time is up, or the server stops."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from index.config import AnswerSettings
from index.errors import BaowenError
from rag.llm import ChatMessage, Generator

from ..results import Event, Waiting

log = logging.getLogger(__name__)


class Left(Exception):  # noqa: N818
    """The client has disconnected, so there is nobody to report to."""


class Interrupted(BaowenError):  # noqa: N818
    """An answer was ended before it was complete; the message tells the reader why."""


def model_failed(error: Exception) -> None:
    """Log that the language model failed, so that the answer continues without it; re-raise cancellations."""
    if isinstance(error, Left | Interrupted):
        raise error
    log.error("语言模型没有应答 (the model failed): %s", error, exc_info=not isinstance(error, BaowenError))


class Cancellation:
    """A flag that any thread can set and the thread that makes the answer checks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason: Exception | None = None
        self._due = math.inf
        self._late = ""
        self._listeners: list[Callable[[], None]] = []

    def cancel(self, reason: Exception) -> None:
        """End the answer. If there are several reasons, the first one counts."""
        with self._lock:
            self._reason = self._reason or reason
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Register ``listener`` to be called when the answer is cancelled."""
        with self._lock:
            self._listeners.append(listener)

    def limit(self, seconds: float, late: str) -> None:
        """Set a time limit from now on, replacing any earlier one; ``late`` is the message when it is exceeded."""
        with self._lock:
            self._due = time.monotonic() + seconds
            self._late = late

    @property
    def reason(self) -> Exception | None:
        """The reason why the answer must end; None while it may continue."""
        with self._lock:
            if self._reason is None and time.monotonic() > self._due:
                self._reason = Interrupted(self._late)
            return self._reason

    def check(self) -> None:
        """Raise the reason if the answer must end."""
        if reason := self.reason:
            raise reason


class Watched:
    """A language model that is no longer called once the answer must end."""

    def __init__(self, model: Generator, cancellation: Cancellation) -> None:
        self.name = model.name
        self._model = model
        self._cancellation = cancellation

    @property
    def reading_speed(self) -> float | None:
        """The model's reading speed."""
        return self._model.reading_speed

    @property
    def writing_speed(self) -> float | None:
        """The model's writing speed."""
        return self._model.writing_speed

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        """Return the model's probabilities, or raise the reason why the answer must end."""
        self._cancellation.check()
        return self._model.choice(messages, choices)

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        """Return the model's reply, or raise the reason why the answer must end."""
        self._cancellation.check()
        return self._model.stream(messages, max_tokens)


def limited(cancellation: Cancellation, options: AnswerSettings) -> None:
    """Start the configured time limit of an answer."""
    late = f"回答超过 {options.time_limit:g} 秒，已停止 (time limit reached)；请换个问法，或稍后再问"
    cancellation.limit(options.time_limit, late)


def guarded(events: Iterator[Event], cancellation: Cancellation, options: AnswerSettings) -> Iterator[Event]:
    """Yield the events until the answer must end; then close them, which frees the model, and raise the reason."""
    limited(cancellation, options)
    waiting = False
    try:
        for event in events:
            cancellation.check()
            if isinstance(event, Waiting) and not waiting:
                waiting = True
                late = f"排队超过 {options.longest_wait:g} 秒 (the queue is too long)；请稍后再问"
                cancellation.limit(options.longest_wait, late)
            yield event
            cancellation.check()
    finally:
        close = getattr(events, "close", None)
        if close:
            close()
