"""The chat's events: each takes and returns plain values, so that they can be tested without a browser."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from index.errors import BaowenError
from rag.results import Answer, Done, Found, MetadataFilter, Token, Waiting
from rag.serving.cancellation import Cancellation

from .conversations import Turn
from .render import Renderer
from .site import Site

Messages = list[dict[str, str]]
_EXAMPLES = 4
KINDS = ("paper", "section", "page", "reporter")
_MOST_CHOICES = 200


class Screen(NamedTuple):
    """What the chat shows while an answer comes.

    ``gr.skip()`` leaves a part as it is. To say again what is shown does the same and costs less: Gradio makes the
    component of every skipped part anew. Not so the box, in which somebody may be writing.
    """

    box: Any
    messages: Messages
    sources: str
    conversation: str
    chip: Any


def _unchanged() -> Screen:
    """Gradio empties all that an event says nothing of."""
    keep: Any = gr.skip()
    return Screen(keep, keep, keep, keep, keep)


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


class Chat:
    """One language's chat over a site."""

    def __init__(self, site: Site, language: str) -> None:
        self.site = site
        self.render = Renderer(language)
        self.text = self.render.text

    def ask(
        self,
        question: str,
        conversation: str,
        person: str,
        narrowed: Narrowed,
        *,
        read_dates: bool = True,
        cancellation: Cancellation | None = None,
    ) -> Iterator[Screen]:
        """The screen again and again while the answer comes; ``cancellation`` ends it."""
        if not question.strip():
            yield _unchanged()
            return
        conversation = conversation or secrets.token_urlsafe(9)
        turns = self.site.history.turns(person, conversation)
        said = [*self._messages(turns), {"role": "user", "content": self.render.said(question)}]
        keep = gr.skip()
        note, sources = self.render.note(self.text["looking"]), self.render.sources(())

        def showing(chip: Any = keep, box: Any = keep) -> Screen:
            return Screen(box, [*said, {"role": "assistant", "content": note}], sources, conversation, chip)

        yield showing(box="")
        written, found = "", 0
        history = [(turn.answer["question"] or turn.question, turn.answer["answer"]) for turn in turns]
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
                    found = len(event.passages)
                    note = self.render.note(self.text["reading"].format(count=found))
                    sources = self.render.sources(event.passages)
                    yield showing(self.chip(event.narrowing))
                elif isinstance(event, Waiting):
                    note = self.render.note(self.text["waiting"].format(count=found, place=event.place))
                    yield showing()  # also where nothing is new: the page can cancel only now
                elif isinstance(event, Token):
                    written += event.text
                    if written:
                        note = self.render.note(self.text["draft"], draft=written)
                    yield showing()
                elif isinstance(event, Done):
                    yield self._done(question, conversation, person, event.answer)
        except BaowenError as error:
            self.site.metrics.errors.inc()
            note = self.render.note(self.text["problem"].format(error=error))
            yield showing(box=question)

    def _done(self, question: str, conversation: str, person: str, answer: Answer) -> Screen:
        self.site.answered(answer)
        snapshot = self.site.archive.store.snapshot
        self.site.history.add(person, conversation, question, answer.as_dict(), snapshot)
        if self.site.history.problem:
            gr.Warning(self.site.history.problem)
        messages = self._messages(self.site.history.turns(person, conversation))
        return Screen(
            gr.skip(), messages, self.render.answer_sources(answer), conversation, self.chip(answer.narrowing)
        )

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
        """Ask the turn of message ``index`` anew, perhaps in other words; it and later turns are dropped."""
        turns = self.site.history.turns(person, conversation)
        if not turns:
            yield _unchanged()
            return
        turn = turns[min(max(index // 2 if index >= 0 else len(turns) - 1, 0), len(turns) - 1)]
        self.site.history.forget_from(person, turn)
        again = question or turn.question
        yield from self.ask(again, conversation, person, narrowed, read_dates=read_dates, cancellation=cancellation)

    def rate(self, index: int, liked: bool | str, conversation: str, person: str) -> None:
        """Note what somebody thinks of an answer: True, False or a reason why it is no good."""
        turns = self.site.history.turns(person, conversation)
        if 0 <= index // 2 < len(turns):
            reason = liked if isinstance(liked, str) else ""
            self.site.history.rate(person, turns[index // 2].id, liked is True, reason)
            gr.Info(self.text["liked"])

    def stopped(self, messages: Messages) -> Messages:
        """The conversation after the answer has been stopped."""
        if messages and messages[-1]["role"] == "assistant":
            return [*messages[:-1], {"role": "assistant", "content": self.render.note(self.text["stopped"])}]
        return messages

    def show(self, conversation: str, person: str) -> Screen:
        """A conversation as it was left; empty for a new one."""
        turns = self.site.history.turns(person, conversation)
        return Screen("", self._messages(turns), self.render.sources(()), conversation, self.chip(None))

    def kept(self, conversation: str, person: str) -> tuple[Any, str]:
        """The choice of earlier conversations, and links to take this one along."""
        held = self.site.history.conversations(person)
        choices = [(question[:30], identity) for identity, question in held]
        chosen = conversation if conversation in {identity for _, identity in choices} else None
        return gr.update(choices=choices, value=chosen), self.render.exports(chosen or "")

    def _messages(self, turns: list[Turn]) -> Messages:
        messages = []
        for turn in turns:
            messages.append({"role": "user", "content": self.render.said(turn.question)})
            told = self.render.answer(turn.answer, turn.id, turn.question)
            messages.append({"role": "assistant", "content": told})
        return messages

    def latest(self, person: str) -> str:
        """The conversation somebody was last in; empty where there is none."""
        held = self.site.history.conversations(person, 1)
        return held[0][0] if held else ""

    def chip(self, narrowing: MetadataFilter | None) -> Any:
        """The button that shows what was read from the question, and searches everything when pressed."""
        if narrowing is None:
            return gr.update(visible=False)
        since, until = narrowing.since, narrowing.until
        spoken = (since or "") if since == until else f"{since or '…'} {self.text['to']} {until or '…'}"
        page = self.text["page"].format(page=narrowing.page) if narrowing.page is not None else ""
        shown = " ".join(part for part in (spoken, page) if part)
        return gr.update(value=self.text["chip"].format(phrase=narrowing.phrase, range=shown), visible=True)

    def choices(self, kind: str) -> list[tuple[str, str]]:
        """What the archive can be narrowed down to, with how many articles that leaves."""
        held = self.site.archive.store.catalogue.values(kind)[:_MOST_CHOICES]
        if kind == "page":
            held = sorted(held, key=lambda entry: int(entry.value))
        return [(f"{entry.value} ({entry.articles})", entry.value) for entry in held]

    def holdings(self) -> str:
        """The head of the page."""
        store = self.site.archive.store
        first, last = store.dates()
        name = "holdings" if first else "holdings_undated"
        return self.render.masthead(self.text[name].format(articles=store.stamp.articles, first=first, last=last))

    def examples(self) -> list[str]:
        """Questions about articles of the newest issue, to start from."""
        titled = (article for article in self.site.archive.articles(limit=40) if 6 <= len(article.title) <= 30)
        titles = list(dict.fromkeys(article.title for article in titled))[:_EXAMPLES]
        return [self.text["example"].format(title=title) for title in titles]
