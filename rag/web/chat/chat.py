"""The chat's events: each takes and returns plain values, so that they can be tested without a browser."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

import gradio as gr

from index.errors import BaowenError
from rag.results import Answer, Done, Found, MetadataFilter
from rag.serving.cancellation import Cancellation

from ..history.conversations import Conversation, Turn
from ..rendering.days import by_day
from ..rendering.narrowing import NOT_NARROWED, Narrowed
from ..rendering.places import Nearby
from ..rendering.render import Renderer
from ..rendering.working import Working
from ..sites.site import Site

Messages = list[dict[str, str]]
# The one button of the box: it sends, or stops what is under way.
ASKABLE: dict[str, Any] = gr.update(submit_btn=True, stop_btn=False)
STOPPABLE: dict[str, Any] = gr.update(submit_btn=False, stop_btn=True)
_MOST_CHOICES = 200
_LONGEST_NAME = 80


class Screen(NamedTuple):
    """What the chat shows while an answer comes.

    ``gr.skip()`` leaves a part as it is. To say again what is shown does the same and costs less: Gradio makes the
    component of every skipped part anew. Not so the box, in which somebody may be writing.
    """

    box: Any
    messages: Messages
    conversation: str
    chips: Any


def _unchanged() -> Screen:
    """Gradio empties all that an event says nothing of."""
    keep: Any = gr.skip()
    return Screen(keep, keep, keep, keep)


@dataclass(frozen=True)
class Choice:
    """A value that the archive can be narrowed down to, and how many articles have it."""

    value: str
    articles: int


class Chat:
    """One language's chat over a site."""

    def __init__(self, site: Site, language: str) -> None:
        self.site = site
        self.render = Renderer(language, Nearby(lambda: site.archive.store))
        self.say = self.render.say

    def ask(
        self,
        question: str,
        conversation: str,
        person: str,
        narrowed: Narrowed,
        *,
        replaced: Turn | None = None,
        read_dates: bool = True,
        cancellation: Cancellation | None = None,
    ) -> Iterator[Screen]:
        """The screen again and again while the answer comes; ``cancellation`` ends it.

        ``replaced``: the turn that is asked again; once there is an answer, it and those after it are dropped.
        """
        if not question.strip():
            yield _unchanged()
            return
        conversation = conversation or secrets.token_urlsafe(9)
        turns = self.site.history.turns(person, conversation)
        if replaced is not None:
            turns = list(takewhile(lambda turn: turn.id != replaced.id, turns))
        said = [*self._messages(turns), {"role": "user", "content": self.render.said(question)}]
        keep = gr.skip()
        shown = self.render.working(self.say("Searching…"))

        def showing(chips: Any = keep, box: Any = keep) -> Screen:
            return Screen(box, [*said, {"role": "assistant", "content": shown}], conversation, chips)

        yield showing(self.chips(None), box=STOPPABLE if replaced else STOPPABLE | {"value": ""})
        working = Working(self.render)
        history = [(turn.answer["question"] or turn.question, turn.answer["answer"]) for turn in turns]
        try:
            where, stream = narrowed.as_arguments(), self.site.stream
            for event in stream(
                question, history, **where, read_dates=read_dates, person=person, cancellation=cancellation
            ):
                if isinstance(event, Done):
                    if replaced is not None:
                        self.site.history.forget_from(person, replaced)
                    self._keep(question, conversation, person, event.answer)
                    yield self.show(conversation, person, narrowed)
                else:
                    shown = working.after(event)
                    yield showing(self.chips(event.narrowing) if isinstance(event, Found) else keep)
        except BaowenError as error:
            shown = self.render.problem(str(error))
            yield showing(box=ASKABLE if replaced else ASKABLE | {"value": question})

    def _keep(self, question: str, conversation: str, person: str, answer: Answer) -> None:
        self.site.history.add(person, conversation, question, answer.as_dict(), answer.snapshot)
        if self.site.history.problem:
            gr.Warning(self.site.history.problem)

    def ask_again(
        self,
        index: int,
        conversation: str,
        person: str,
        narrowed: Narrowed,
        *,
        question: str | None = None,
        read_dates: bool = True,
        cancellation: Cancellation | None = None,
    ) -> Iterator[Screen]:
        """Ask the turn of message ``index`` (-1: the last) again, perhaps in other words."""
        turns = self.site.history.turns(person, conversation)
        if not turns:
            yield _unchanged()
            return
        turn = turns[min(max(index // 2 if index >= 0 else len(turns) - 1, 0), len(turns) - 1)]
        yield from self.ask(
            question or turn.question,
            conversation,
            person,
            narrowed,
            replaced=turn,
            read_dates=read_dates,
            cancellation=cancellation,
        )

    def reword(
        self,
        turn: str,
        question: str,
        conversation: str,
        person: str,
        narrowed: Narrowed,
        *,
        cancellation: Cancellation | None = None,
    ) -> Iterator[Screen]:
        """Ask a turn again as the reader wants it understood."""
        held = [held.id for held in self.site.history.turns(person, conversation)]
        if turn not in held or not question.strip():
            yield _unchanged()
            return
        place = 2 * held.index(turn)
        yield from self.ask_again(
            place, conversation, person, narrowed, question=question.strip(), cancellation=cancellation
        )

    def without(self, dropped: str, conversation: str, person: str, narrowed: Narrowed) -> Narrowed:
        """The filters with which the last question is asked again without some that were read from it."""
        turns = self.site.history.turns(person, conversation)
        return narrowed.without(dropped, turns[-1].answer.get("narrowing") if turns else None)

    def rate(self, index: int, liked: bool | str, conversation: str, person: str) -> None:
        """Note what somebody thinks of an answer: True, False or a reason why it is no good."""
        turns = self.site.history.turns(person, conversation)
        if 0 <= index // 2 < len(turns):
            reason = liked if isinstance(liked, str) else ""
            self.site.history.rate(person, turns[index // 2].id, liked is True, reason)
            gr.Info(self.say("Thank you, noted."))

    def stopped(self, messages: Messages, conversation: str, person: str) -> tuple[Any, Messages]:
        """The box and the conversation after the answer has been stopped."""
        turns = self.site.history.turns(person, conversation)
        if messages and messages[-1]["role"] == "assistant" and len(messages) > 2 * len(turns):
            stopped = self.render.working(self.say("Stopped."), over=True)
            return ASKABLE, [*messages[:-1], {"role": "assistant", "content": stopped}]
        return ASKABLE, self._messages(turns)

    def show(self, conversation: str, person: str, narrowed: Narrowed = NOT_NARROWED) -> Screen:
        """A conversation as it was left; empty for a new one; ``narrowed``: the reader's filters at the last answer."""
        turns = self.site.history.turns(person, conversation)
        read = turns[-1].answer.get("narrowing") if turns else None
        messages = self._messages(turns, widen=self.render.filters(read, narrowed))
        return Screen(ASKABLE, messages, conversation if turns else "", self.render.read_chips(read))

    def talks(self, current: str, person: str, containing: str = "") -> str:
        """The list of earlier conversations that have some words, as HTML."""
        days = by_day(self.conversations(person, containing.strip()[:100]), self.render.text)
        return self.render.render("talks.html", days=days, query=containing, current=current, own=True)

    def rename(self, conversation: str, name: str, person: str) -> None:
        """Name one of somebody's conversations."""
        if self.site.history.turns(person, conversation):
            self.site.history.rename(person, conversation, " ".join(name.split())[:_LONGEST_NAME])

    def _messages(self, turns: Sequence[Turn], *, widen: Mapping[str, str] | None = None) -> Messages:
        """``widen``: the filters that the last one can be asked again without."""
        messages = []
        for turn in turns:
            messages.append({"role": "user", "content": self.render.said(turn.question)})
            messages.append(
                {"role": "assistant", "content": self.render.answer(turn, widen=widen if turn is turns[-1] else None)}
            )
        return messages

    def chips(self, narrowing: MetadataFilter | None) -> str:
        """What was read from the question, each to be dropped."""
        return self.render.read_chips(narrowing.as_dict() if narrowing else None)

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
