"""Questions, answers and ratings of each person: the base class of all kinds of history."""

from __future__ import annotations

import copy
import datetime
import logging
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from index.errors import BaowenError
from index.types import JsonObject

log = logging.getLogger(__name__)

OUTCOMES = ("answered", "quoted", "refused", "failed", "stopped")


@dataclass(frozen=True)
class Turn:
    """A question and its answer (``Answer.as_dict``).

    ``liked`` is None without a rating; ``snapshot`` is the archive's snapshot that was used.
    """

    id: str
    conversation: str
    person: str
    asked: str
    question: str
    answer: JsonObject
    liked: bool | None = None
    reason: str = ""
    snapshot: str = ""


class Conversation(NamedTuple):
    """A conversation: its name or first question, and the time of the last question (ISO, UTC)."""

    id: str
    title: str
    asked: str


class HistoryError(BaowenError):
    """The history cannot be read or written now."""


@dataclass
class HistoryState:
    """The state shared by views of one history: why nothing is stored, and (archive, turn) pairs to be written."""

    damaged: str = ""
    failed: str = ""
    unsaved: list[tuple[str, Turn]] = field(default_factory=list)


class Conversations(ABC):
    """Reads and writes a history; safe to use from several threads.

    An answer that cannot be written is kept in memory until writing works again; ``problem`` then says so.

    Args:
        archive: the archive whose conversations these are, if a server has several.
    """

    def __init__(self, archive: str = "") -> None:
        self._archive = archive
        self._state = HistoryState()

    def of(self, archive: str) -> Self:
        """Return the conversations about another archive in the same history."""
        other = copy.copy(self)
        other._archive = archive
        return other

    @property
    def problem(self) -> str:
        """Why answers are not stored at present; empty if they are."""
        return self._state.damaged or self._state.failed

    def add(self, person: str, conversation: str, question: str, answer: JsonObject, snapshot: str = "") -> Turn:
        """Store an answer; its id cannot be guessed, so that it can be used for sharing."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        turn = Turn(secrets.token_urlsafe(12), conversation, person, now, question, answer, snapshot=snapshot)
        unsaved = [*self._state.unsaved, (self._archive, turn)]
        try:
            for archive, waiting in unsaved:
                self._write(archive, waiting)
        except HistoryError as error:
            self._state.unsaved.append((self._archive, turn))
            self._state.failed = f"{error}；回答照常，能写时再保存"
            log.error("%s", self._state.failed)
        else:
            self._state.unsaved = [held for held in self._state.unsaved if held not in unsaved]
            self._state.failed = ""
        return turn

    def turn(self, identity: str) -> Turn | None:
        """Return a turn by its id."""
        found = self._turns(id=identity)
        return found[0] if found else None

    def turns(self, person: str, conversation: str) -> list[Turn]:
        """Return the turns of one of a person's conversations, oldest first."""
        return self._turns(person=person, conversation=conversation)

    def _turns(self, **equal: str) -> list[Turn]:
        """The turns that were written and those still to be written."""
        held = [
            turn
            for archive, turn in list(self._state.unsaved)
            if archive == self._archive and all(getattr(turn, name) == value for name, value in equal.items())
        ]
        try:
            return [*self._read(**equal), *held]
        except HistoryError as error:
            log.error("%s", error)
            return held

    def _drop_unsaved(self, gone: Callable[[Turn], bool]) -> None:
        self._state.unsaved = [(archive, turn) for archive, turn in self._state.unsaved if not gone(turn)]

    @abstractmethod
    def _write(self, archive: str, turn: Turn) -> None:
        """Write a turn unless it already exists. Raises HistoryError."""

    @abstractmethod
    def _read(self, **equal: str) -> list[Turn]:
        """Return the turns of this archive whose columns have these values, oldest first. Raises HistoryError."""

    @abstractmethod
    def person_of(self, identity: str) -> str | None:
        """Return the person who asked the turn with this id, in any archive."""

    @abstractmethod
    def conversations(self, person: str, limit: int = 50, *, containing: str = "") -> list[Conversation]:
        """Return a person's conversations, latest first; ``containing``: text in a question, an answer or the name."""

    @abstractmethod
    def rename(self, person: str, conversation: str, name: str) -> None:
        """Name a conversation; with an empty name, its first question is the title again."""

    @abstractmethod
    def forget_conversation(self, person: str, conversation: str) -> None:
        """Delete one of a person's conversations."""

    @abstractmethod
    def forget_from(self, person: str, turn: Turn) -> None:
        """Delete a turn and the later ones in its conversation, because it was asked again."""

    @abstractmethod
    def forget(self, person: str) -> int:
        """Erase a person's questions, answers, ratings and usage counts; return the number of answers.

        Raises:
            BaowenError: they could not be erased, or traces may be left.
        """

    @abstractmethod
    def rate(self, person: str, identity: str, liked: bool, reason: str = "") -> None:
        """Store a person's rating of one of their answers."""

    @abstractmethod
    def rated(self) -> list[Turn]:
        """Return the turns that have a rating."""

    def count(self, person: str, outcome: str, ms: float | None = None, waited: float | None = None) -> None:
        """Count a question without storing its text.

        Args:
            person: who asked.
            outcome: an answer's kind, ``failed`` or ``stopped``.
            ms: milliseconds until the answer.
            waited: milliseconds of these spent queueing for the model.
        """
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        try:
            self._count(now, person, outcome, ms, waited)
        except HistoryError as error:  # the question is answered anyway
            log.warning("%s", error)

    @abstractmethod
    def _count(self, at: str, person: str, outcome: str, ms: float | None, waited: float | None) -> None:
        """Write a row for ``count``. Raises HistoryError."""

    @abstractmethod
    def usage(self, days: int) -> list[JsonObject]:
        """Return for each of the last days: questions, people, outcomes, mean time and mean wait in milliseconds."""

    @abstractmethod
    def secret(self, name: str) -> str:
        """Return a permanent random secret; it signs the cookies that identify people."""

    @abstractmethod
    def end_session(self, login: str, at: int) -> None:
        """Record that a login was ended at ``at``, in seconds since the epoch. Raises HistoryError."""

    @abstractmethod
    def ended_sessions(self, since: int) -> list[str]:
        """Return the logins that were ended since then. Raises HistoryError."""

    @abstractmethod
    def drop_ended(self, before: int) -> None:
        """Forget the logins that were ended before then. Raises HistoryError."""

    @abstractmethod
    def close(self) -> None:
        """Close the history."""


def as_question(turn: Turn) -> JsonObject:
    """Return a rated turn as a question for ``baowen eval``; a liked answer's articles are the expected ones."""
    cited = [citation["passage"]["article"]["id"] for citation in turn.answer["citations"]]
    articles = {"article_ids": list(dict.fromkeys(cited))} if turn.liked and cited else {}
    told = {"liked": turn.liked, "reason": turn.reason, "told": turn.answer["answer"], "asked": turn.asked}
    return {"question": turn.question, **articles, **told}
