"""The chat's events: each takes and returns plain values, so that they can be tested without a browser."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from index.errors import BaowenError
from rag.results import Answer, Done, Found, Token, Waiting
from rag.serving.cancellation import Cancellation

from .history import Conversation
from .render import Renderer
from .site import Site

KINDS = ("paper", "section", "page", "reporter")
_MOST_CHOICES = 200


@dataclass(frozen=True)
class Step:
    """What the page shows next of a question.

    ``kind``: ``turn`` (``html`` replaces what is shown of it), ``status`` (``text`` says how far it is), ``draft``
    (``text`` is added to what is written), ``done`` (as ``turn``, and the last) or ``problem`` (as ``done``).
    """

    kind: Literal["turn", "status", "draft", "done", "problem"]
    conversation: str
    html: str = ""
    text: str = ""

    def as_dict(self) -> dict[str, str]:
        """As JSON values, without what is empty."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Narrowed:
    """Where the reader wants to search."""

    since: str | None = None
    until: str | None = None
    paper: str | None = None
    section: str | None = None
    page: str | None = None
    reporter: str | None = None

    def as_arguments(self) -> dict[str, Any]:
        """As ``Archive.stream`` takes them."""
        since, until = ((value or "")[:10] or None for value in (self.since, self.until))
        page = int(self.page) if self.page else None
        return {
            "since": since,
            "until": until,
            "paper": self.paper or None,
            "section": self.section or None,
            "page": page,
            "reporter": self.reporter or None,
        }


@dataclass(frozen=True)
class Choice:
    """A value that the archive can be narrowed down to, and how many articles have it."""

    value: str
    articles: int


class Chat:
    """One language's chat over a site."""

    def __init__(self, site: Site, language: str) -> None:
        self.site = site
        self.render = Renderer(language)
        self.say = self.render.say

    def ask(
        self,
        question: str,
        conversation: str,
        person: str,
        narrowed: Narrowed,
        *,
        replaced: str = "",
        read_dates: bool = True,
        cancellation: Cancellation | None = None,
    ) -> Iterator[Step]:
        """What the page shows while the answer comes.

        Args:
            replaced: the turn that is asked again, perhaps in other words; once there is an answer, that turn and
                those after it are dropped.
            cancellation: ends it.
        """
        conversation = conversation or secrets.token_urlsafe(9)
        turns = self.site.history.turns(person, conversation)
        again = next((number for number, turn in enumerate(turns) if turn.id == replaced), len(turns))
        turns, dropped = turns[:again], turns[again:]
        question = question if question.strip() or not dropped else dropped[0].question
        if not question.strip():
            return
        history = [(turn.answer["question"] or turn.question, turn.answer["answer"]) for turn in turns]
        yield Step("turn", conversation, self.render.working(question, self.say("Searching…")))
        try:
            events = self.site.archive.stream(
                question,
                history,
                **narrowed.as_arguments(),
                read_dates=read_dates,
                person=person,
                cancellation=cancellation,
            )
            for event in events:
                if isinstance(event, Found):
                    yield Step("turn", conversation, self._found(question, event))
                elif isinstance(event, Waiting):
                    yield Step("status", conversation, text=self._waiting(event.place))  # also where nothing is new
                elif isinstance(event, Token):
                    yield Step("draft", conversation, text=event.text)  # empty while the model reads: a sign of life
                elif isinstance(event, Done):
                    if dropped:
                        self.site.history.forget_from(person, dropped[0])
                    yield self._done(question, conversation, person, event.answer)
        except BaowenError as error:
            self.site.metrics.errors.inc()
            yield Step("problem", conversation, self.render.problem(question, str(error)))

    def _found(self, question: str, event: Found) -> str:
        count = len(event.passages)
        status = self.render.text.say_many(
            "%(count)s passage found; reading…", "%(count)s passages found; reading…", count
        )
        read = self.render.read_from(event.narrowing.as_dict() if event.narrowing else None)
        return self.render.working(question, status, event.passages, read)

    def _waiting(self, place: int) -> str:
        return self.render.text.say_many(
            "%(count)s question before yours; please wait…", "%(count)s questions before yours; please wait…", place
        )

    def _done(self, question: str, conversation: str, person: str, answer: Answer) -> Step:
        self.site.metrics.answered(answer)
        turn = self.site.history.add(person, conversation, question, answer.as_dict())
        return Step("done", conversation, self.render.turn(turn))

    def show(self, conversation: str, person: str) -> str:
        """A conversation as it was left; empty for a new one."""
        return "".join(self.render.turn(turn) for turn in self.site.history.turns(person, conversation))

    def conversations(self, person: str, containing: str = "") -> list[Conversation]:
        """Earlier conversations, latest first."""
        return self.site.history.conversations(person, containing=containing)

    def choices(self, kind: str) -> list[Choice]:
        """What the archive can be narrowed down to, with how many articles that leaves."""
        held = self.site.archive.store.catalogue.values(kind)[:_MOST_CHOICES]
        if kind == "page":
            held = sorted(held, key=lambda entry: int(entry.value))
        return [Choice(entry.value, entry.articles) for entry in held]

    def holdings(self) -> str:
        """What the archive holds, in a sentence."""
        store = self.site.archive.store
        first, last = store.dates()
        count = store.stamp.articles
        if not first:
            return self.render.text.say_many("%(count)s article.", "%(count)s articles.", count)
        if first == last:
            return self.render.text.say_many(
                "%(count)s article, %(on)s.", "%(count)s articles, %(on)s.", count, on=first
            )
        return self.render.text.say_many(
            "%(count)s article, %(first)s to %(last)s.",
            "%(count)s articles, %(first)s to %(last)s.",
            count,
            first=first,
            last=last,
        )
