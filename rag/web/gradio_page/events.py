"""The events of the page, with their inputs and outputs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import gradio as gr
from gradio.events import Dependency

from ..chat.calls import asker, made
from ..chat.chat import Chat, Messages, Screen, Update
from ..chat.frame import masthead, may_add
from ..rendering.narrowing import KINDS, Narrowed
from .layout import Parts, choices, welcome, with_own

Filled = str | None  # the value of a filter; None or empty if it is not set

_OPENED_WITH = ("since", "until", *KINDS)
_BEGIN = "() => import(new URL('{own}/app.js', document.baseURI))"
_PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}


def connect(blocks: gr.Blocks, chat: Chat, parts: Parts) -> None:
    """Connect every event with its inputs and outputs."""
    private = _PRIVATE
    loading = _opening(blocks, chat, parts)
    under_way = _asking(chat, parts, loading)

    def stopped(messages: Messages, talk: str, request: gr.Request) -> tuple[Update, Messages]:
        return chat.stopped(messages, talk, asker(request))

    def rated(talk: str, request: gr.Request, like: gr.LikeData) -> None:
        chat.rate(_index(like), like.liked, talk, asker(request))

    def cleared(request: gr.Request) -> Screen:
        return chat.show("", asker(request))

    def shown(request: gr.Request, pressed: gr.EventData) -> Screen:
        return chat.show(_told(pressed, "conversation"), asker(request))

    def renamed(request: gr.Request, pressed: gr.EventData) -> None:
        chat.rename(_told(pressed, "conversation"), _told(pressed, "name"), asker(request))

    def deleted(talk: str, request: gr.Request, pressed: gr.EventData) -> Screen:
        gone = _told(pressed, "conversation")
        chat.site.history.forget_conversation(asker(request), gone)
        return chat.show("" if talk == gone else talk, asker(request))

    def listed(talk: str | None, containing: str, request: gr.Request) -> str:
        return chat.talks(talk or "", asker(request), containing)

    # These come first, or the last piece of an answer could overwrite what follows: Gradio runs the listeners of an
    # event in turn, and cancels only after an event's own work, when the next question may already have been sent.
    leaving = [parts.box.stop, parts.new.click, parts.talks.select, parts.talks.delete]
    gr.on(leaving, None, None, None, cancels=under_way, **private)
    parts.box.stop(stopped, [parts.messages, parts.conversation], [parts.box, parts.messages], **private)
    others = [
        parts.new.click(cleared, None, parts.screen, **private),
        parts.talks.select(shown, None, parts.screen, **private),
        parts.talks.delete(deleted, parts.conversation, parts.screen, **private),
        parts.talks.edit(renamed, None, None, **private),
    ]
    parts.find.change(listed, [parts.conversation, parts.find], parts.talks, **private)
    for event in (loading, *under_way, *others):
        event.then(listed, [parts.conversation, parts.find], parts.talks, **private)
    parts.messages.like(rated, parts.conversation, **private)


def _opening(blocks: gr.Blocks, chat: Chat, parts: Parts) -> Dependency:
    """Connect the events that open the page: its URL names a conversation and filters."""

    def opened(request: gr.Request) -> list[object]:
        query = dict(request.query_params)
        known = chat.show(query.get("c", ""), asker(request))
        values = [query.get(name, "") for name in _OPENED_WITH]
        facets = [
            gr.update(choices=choices(chat, kind), value=value) for kind, value in zip(KINDS, values[2:], strict=True)
        ]
        typed = query["q"] if "q" in query else gr.skip()  # somebody may have started typing
        messages = gr.update(value=known.messages, placeholder=welcome(chat))
        head = chat.render.render("masthead.html", **masthead(chat, request.request))
        places = chat.render.render("places.html", may_add=may_add(chat))
        screen = known._replace(box=typed, messages=messages)
        return [head, places, *screen, *(value or None for value in values[:2]), *facets]

    def counted(*where: Filled) -> list[str | Update]:
        used = sum(1 for value in where if value)
        label = chat.say("Filters")
        return [gr.update(label=f"{label} ({used})" if used else label), chat.render.own_chips(Narrowed(*where))]

    def dropped(pressed: gr.EventData, *where: Filled) -> list[Filled]:
        return _filled(Narrowed(*where).without(_told(pressed, "drop")))

    loading = blocks.load(opened, None, [parts.head, parts.places, *parts.screen, *parts.narrow], **_PRIVATE)
    loading.then(None, js=with_own(_BEGIN), **_PRIVATE)
    shown = [parts.filters, parts.own_chips]
    changes = [part.change for part in parts.narrow]
    first = gr.on(changes, counted, parts.narrow, shown, trigger_mode="always_last", **_PRIVATE)
    # Filters set together cause one event each, and the first count may arrive last, so count again after each.
    first.then(counted, parts.narrow, shown, trigger_mode="always_last", **_PRIVATE)
    parts.own_chips.clear(dropped, parts.narrow, parts.narrow, **_PRIVATE)
    return loading


def _asking(chat: Chat, parts: Parts, loading: Dependency) -> list[Dependency]:
    """Connect the events whose answer is streamed."""
    workers = chat.site.workers

    async def asked(request: gr.Request, question: str, talk: str, *where: Filled) -> AsyncIterator[Screen]:
        ask = partial(chat.ask, question, talk, asker(request), Narrowed(*where))
        async for screen in made(workers, request, ask):
            yield screen

    async def retried(request: gr.Request, retry: gr.RetryData, talk: str, *where: Filled) -> AsyncIterator[Screen]:
        ask = partial(chat.ask_again, _index(retry), talk, asker(request), Narrowed(*where))
        async for screen in made(workers, request, ask):
            yield screen

    async def edited(request: gr.Request, edit: gr.EditData, talk: str, *where: Filled) -> AsyncIterator[Screen]:
        ask = partial(chat.ask_again, _index(edit), talk, asker(request), Narrowed(*where), question=str(edit.value))
        async for screen in made(workers, request, ask):
            yield screen

    async def everywhere(request: gr.Request, talk: str, *where: Filled) -> AsyncIterator[Screen]:
        ask = partial(chat.ask_again, -1, talk, asker(request), Narrowed(*where), read_dates=False)
        async for screen in made(workers, request, ask):
            yield screen

    async def reworded(request: gr.Request, pressed: gr.EventData, talk: str, *where: Filled) -> AsyncIterator[Screen]:
        turn, question = _told(pressed, "turn"), _told(pressed, "question")
        ask = partial(chat.reword, turn, question, talk, asker(request), Narrowed(*where))
        async for screen in made(workers, request, ask):
            yield screen

    def without(request: gr.Request, pressed: gr.EventData, talk: str, *where: Filled) -> list[Filled]:
        return _filled(chat.without(_told(pressed, "drop"), talk, asker(request), Narrowed(*where)))

    again = [parts.conversation, *parts.narrow]
    # this comes first, or the opening page could overwrite a question sent before it has loaded
    parts.box.submit(None, None, None, cancels=loading, **_PRIVATE)
    narrower = parts.read_chips.retry(without, again, parts.narrow, **_PRIVATE)
    return [
        parts.box.submit(
            asked,
            [parts.box, *again],
            parts.screen,
            api_name="chat",
            api_visibility="undocumented",  # for the page only; programs use ask
            show_progress="hidden",
        ),
        parts.messages.retry(retried, again, parts.screen, **_PRIVATE),
        parts.messages.edit(edited, again, parts.screen, **_PRIVATE),
        parts.read_chips.apply(reworded, again, parts.screen, **_PRIVATE),
        narrower.then(everywhere, again, parts.screen, **_PRIVATE),
    ]


def _filled(narrowed: Narrowed) -> list[Filled]:
    """The values of the filters' components: None for an empty date, an empty string for the others."""
    since, until, *others = narrowed
    return [since or None, until or None, *(value or "" for value in others)]


def _index(event: gr.LikeData | gr.RetryData | gr.EditData) -> int:
    return int(event.index[0] if isinstance(event.index, list | tuple) else event.index)


def _told(event: gr.EventData, name: str) -> str:
    """A value that our script sends with an event."""
    return str((event._data or {}).get(name, ""))
