"""The chat's events. Each takes and returns plain values, so that it can be tested without a browser."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

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
Update = dict[str, object]  # what changes in a component, from ``gr.update``; nothing, from ``gr.skip``
# The only button of the box: it sends, or stops the answer in progress.
ASKABLE: Update = gr.update(submit_btn=True, stop_btn=False)
STOPPABLE: Update = gr.update(submit_btn=False, stop_btn=True)
_MOST_CHOICES = 200
_LONGEST_NAME = 80


class Screen(NamedTuple):
    """What the chat shows while an answer arrives.

    ``gr.skip()`` leaves a part unchanged. Repeating its present value has the same effect and is cheaper, since Gradio
    creates the component of every skipped part again. Only the box is skipped, because somebody may be typing in it.
    """

    box: str | Update
    messages: Messages
    conversation: str
    chips: str | Update


def _unchanged() -> Screen:
    """A screen that changes nothing; Gradio would empty parts without a value."""
    keep = gr.skip()
    return Screen(keep, keep, keep, keep)


@dataclass(frozen=True)
class Choice:
    """A value of a filter, and the number of articles that have it."""

    value: str
    articles: int


class Chat:
    """The chat of a site in one language."""

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
        """Yield the screen repeatedly while the answer arrives; ``cancellation`` ends it.

        ``replaced``: a turn that is asked again; once there is an answer, it and later turns are deleted.
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

        def showing(chips: str | Update = keep, box: Update = keep) -> Screen:
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
        """Ask the turn of message ``index`` (-1: the last) again, optionally with another question."""
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
        """Ask a turn again with the reader's own rewording."""
        held = [held.id for held in self.site.history.turns(person, conversation)]
        if turn not in held or not question.strip():
            yield _unchanged()
            return
        place = 2 * held.index(turn)
        yield from self.ask_again(
            place, conversation, person, narrowed, question=question.strip(), cancellation=cancellation
        )

    def without(self, dropped: str, conversation: str, person: str, narrowed: Narrowed) -> Narrowed:
        """Return the filters for asking the last question again without some filters that were read from it."""
        turns = self.site.history.turns(person, conversation)
        return narrowed.without(dropped, turns[-1].answer.get("narrowing") if turns else None)

    def rate(self, index: int, liked: bool | str, conversation: str, person: str) -> None:
        """Store a person's rating of an answer: True, False or the reason why it is bad."""
        turns = self.site.history.turns(person, conversation)
        if 0 <= index // 2 < len(turns):
            reason = liked if isinstance(liked, str) else ""
            self.site.history.rate(person, turns[index // 2].id, liked is True, reason)
            gr.Info(self.say("Thank you, noted."))

    def stopped(self, messages: Messages, conversation: str, person: str) -> tuple[Update, Messages]:
        """Return the box and the conversation after the answer was stopped."""
        turns = self.site.history.turns(person, conversation)
        if messages and messages[-1]["role"] == "assistant" and len(messages) > 2 * len(turns):
            stopped = self.render.working(self.say("Stopped."), over=True)
            return ASKABLE, [*messages[:-1], {"role": "assistant", "content": stopped}]
        return ASKABLE, self._messages(turns)

    def show(self, conversation: str, person: str, narrowed: Narrowed = NOT_NARROWED) -> Screen:
        """Return the screen of a conversation, empty for a new one; ``narrowed``: the filters of the last answer."""
        turns = self.site.history.turns(person, conversation)
        read = turns[-1].answer.get("narrowing") if turns else None
        messages = self._messages(turns, widen=self.render.filters(read, narrowed))
        return Screen(ASKABLE, messages, conversation if turns else "", self.render.read_chips(read))

    def talks(self, current: str, person: str, containing: str = "") -> str:
        """Return the list of earlier conversations that contain some words, as HTML."""
        days = by_day(self.conversations(person, containing.strip()[:100]), self.render.text)
        return self.render.render("talks.html", days=days, query=containing, current=current, own=True)

    def rename(self, conversation: str, name: str, person: str) -> None:
        """Name one of a person's conversations."""
        if self.site.history.turns(person, conversation):
            self.site.history.rename(person, conversation, " ".join(name.split())[:_LONGEST_NAME])

    def _messages(self, turns: Sequence[Turn], *, widen: Mapping[str, str] | None = None) -> Messages:
        """The turns as messages; ``widen``: filters that the last question can be asked again without."""
        messages = []
        for turn in turns:
            messages.append({"role": "user", "content": self.render.said(turn.question)})
            messages.append(
                {"role": "assistant", "content": self.render.answer(turn, widen=widen if turn is turns[-1] else None)}
            )
        return messages

    def chips(self, narrowing: MetadataFilter | None) -> str:
        """Return the filters read from the question, each with a button to remove it."""
        return self.render.read_chips(narrowing.as_dict() if narrowing else None)

    def conversations(self, person: str, containing: str = "") -> list[Conversation]:
        """Return earlier conversations, latest first."""
        return self.site.history.conversations(person, containing=containing)

    def choices(self, kind: str) -> list[Choice]:
        """Return the values of a filter with their numbers of articles."""
        held = self.site.archive.store.catalogue.values(kind)[:_MOST_CHOICES]
        if kind == "page":
            held = sorted(held, key=lambda entry: int(entry.value))
        return [Choice(entry.value, entry.articles) for entry in held]

    def holdings(self) -> str:
        """Return a sentence about the archive's size and dates."""
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
