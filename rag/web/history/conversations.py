"""What was asked and answered, by whom, and what they thought of it: what every kind of history does alike."""

from __future__ import annotations

import copy
import datetime
import logging
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from index.errors import BaowenError

log = logging.getLogger(__name__)

OUTCOMES = ("answered", "quoted", "refused", "failed", "stopped")


@dataclass(frozen=True)
class Turn:
    """A question and its answer (``Answer.as_dict``).

    ``liked`` is None where nobody has said; ``snapshot`` is the state of the archive that was asked.
    """

    id: str
    conversation: str
    person: str
    asked: str
    question: str
    answer: dict[str, Any]
    liked: bool | None = None
    reason: str = ""
    snapshot: str = ""


class Conversation(NamedTuple):
    """A conversation: its name, or its first question, and when somebody last asked in it (ISO, UTC)."""

    id: str
    title: str
    asked: str


class HistoryError(BaowenError):
    """The history cannot be read or written now."""


@dataclass
class HistoryState:
    """What views of one history share: why nothing is kept, and (archive, turn) of those that wait to be written."""

    damaged: str = ""
    failed: str = ""
    unsaved: list[tuple[str, Turn]] = field(default_factory=list)


class Conversations(ABC):
    """Reads and writes a history; safe to use from several threads.

    An answer that cannot be written is held until one can; ``problem`` says so, and is empty where all is well.

    Args:
        archive: the archive whose conversations these are, where a server has several.
    """

    def __init__(self, archive: str = "") -> None:
        self._archive = archive
        self._state = HistoryState()

    def of(self, archive: str) -> Self:
        """The conversations with another archive, in the same history."""
        other = copy.copy(self)
        other._archive = archive
        return other

    @property
    def problem(self) -> str:
        """Why answers are not kept at present; empty where they are."""
        return self._state.damaged or self._state.failed

    def add(self, person: str, conversation: str, question: str, answer: dict[str, Any], snapshot: str = "") -> Turn:
        """Keep an answer; it can be shared by its id, which cannot be guessed."""
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
        """A turn by its id."""
        found = self._turns(id=identity)
        return found[0] if found else None

    def turns(self, person: str, conversation: str) -> list[Turn]:
        """The turns of one of a person's conversations, oldest first."""
        return self._turns(person=person, conversation=conversation)

    def _turns(self, **equal: str) -> list[Turn]:
        """Those that were written, and those that could not be."""
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
        """Write a turn, unless it is there. Raises HistoryError."""

    @abstractmethod
    def _read(self, **equal: str) -> list[Turn]:
        """The turns of this archive whose columns have these values, oldest first. Raises HistoryError."""

    @abstractmethod
    def person_of(self, identity: str) -> str | None:
        """Who asked the turn with that id, of whatever archive."""

    @abstractmethod
    def conversations(self, person: str, limit: int = 50, *, containing: str = "") -> list[Conversation]:
        """A person's conversations, latest first; ``containing``: words of a question, an answer or the name."""

    @abstractmethod
    def rename(self, person: str, conversation: str, name: str) -> None:
        """Name a conversation; an empty name gives it back its first question."""

    @abstractmethod
    def forget_conversation(self, person: str, conversation: str) -> None:
        """Delete one of a person's conversations."""

    @abstractmethod
    def forget_from(self, person: str, turn: Turn) -> None:
        """Drop a turn and those after it in its conversation, because it is asked again."""

    @abstractmethod
    def forget(self, person: str) -> int:
        """Erase everything a person asked, was answered and thought of it, and that they asked; how many answers.

        Raises:
            BaowenError: it could not be erased, or not without traces.
        """

    @abstractmethod
    def rate(self, person: str, identity: str, liked: bool, reason: str = "") -> None:
        """What somebody thinks of one of their answers."""

    @abstractmethod
    def rated(self) -> list[Turn]:
        """The turns that somebody has thought something of."""

    def count(self, person: str, outcome: str, ms: float | None = None, waited: float | None = None) -> None:
        """Count a question, without its words: how it ended (an answer's kind, ``failed``, ``stopped``) and how long.

        Args:
            person: who asked.
            outcome: how it ended.
            ms: milliseconds until the answer.
            waited: milliseconds of them in line for the model.
        """
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        try:
            self._count(now, person, outcome, ms, waited)
        except HistoryError as error:  # a question is answered all the same
            log.warning("%s", error)

    @abstractmethod
    def _count(self, at: str, person: str, outcome: str, ms: float | None, waited: float | None) -> None:
        """Write what ``count`` counts. Raises HistoryError."""

    @abstractmethod
    def usage(self, days: int) -> list[dict[str, Any]]:
        """For each of the last days: questions, people, how they ended, mean time and mean wait in milliseconds."""

    @abstractmethod
    def secret(self, name: str) -> str:
        """A random secret that stays the same; it signs the cookies that tell people apart."""

    @abstractmethod
    def end_session(self, login: str, at: int) -> None:
        """Remember that a login was ended, at so many seconds of the epoch. Raises HistoryError."""

    @abstractmethod
    def ended_sessions(self, since: int) -> list[str]:
        """The logins that were ended since then. Raises HistoryError."""

    @abstractmethod
    def drop_ended(self, before: int) -> None:
        """Forget the logins that were ended before then. Raises HistoryError."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is open."""


def as_question(turn: Turn) -> dict[str, Any]:
    """A rated turn as a line for ``baowen eval``: a liked answer's articles are those the question should find."""
    cited = [citation["passage"]["article"]["id"] for citation in turn.answer["citations"]]
    articles = {"article_ids": list(dict.fromkeys(cited))} if turn.liked and cited else {}
    told = {"liked": turn.liked, "reason": turn.reason, "told": turn.answer["answer"], "asked": turn.asked}
    return {"question": turn.question, **articles, **told}
