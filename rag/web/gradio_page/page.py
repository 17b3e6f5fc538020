"""The chat as a Gradio page: masthead, rail, conversation and box, and the reader beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from ..chat.calls import asker, made
from ..chat.chat import Chat, Screen
from ..chat.frame import masthead, may_add
from ..programs.programs import programs
from ..rendering.narrowing import KINDS, Narrowed
from ..requests.prefix import prefix
from .welcome import examples, front_page, newest

_AT_ONCE = 64  # questions that may be under way; the model is given to one after another by rag.serving.fair_queue
_FIELD = 200  # dots, of a filter: a date with its calendar
_OPENED_WITH = ("since", "until", *KINDS)
# Gradio runs these before the address of the page can have changed; a script's own address is not the page's.
_LISTEN = "import(new URL('{own}/talks.js', document.baseURI)).then((talks) => talks.listen(element, trigger, watch))"
_CHIPS = "import(new URL('{own}/chips.js', document.baseURI)).then((chips) => chips.listen(element, trigger))"
_BEGIN = "() => import(new URL('{own}/app.js', document.baseURI))"
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True)
class _Parts:
    """The components that the events speak of."""

    head: gr.HTML
    places: gr.HTML
    new: gr.Button
    find: gr.Textbox
    talks: gr.HTML
    messages: gr.Chatbot
    read_chips: gr.HTML
    own_chips: gr.HTML
    filters: gr.Accordion
    narrow: list[Any]
    box: gr.Textbox
    conversation: gr.State

    @property
    def screen(self) -> list[Any]:
        """In the order of ``Screen``."""
        return [self.box, self.messages, self.conversation, self.read_chips]


def page(chat: Chat) -> gr.Blocks:
    """The page in the chat's language."""
    with gr.Blocks(title=chat.say("Baowen"), analytics_enabled=False, fill_width=True) as blocks:
        parts = _laid_out(chat)
        _events(blocks, chat, parts)
        if chat.render.language == chat.site.archive.settings.language:
            programs(chat.site)
    blocks.queue(default_concurrency_limit=_AT_ONCE)
    return blocks


def _script(text: str) -> str:
    return text.format(own=f"{prefix()}/own")


def _html(chat: Chat, template: str, **values: Any) -> gr.HTML:
    html = chat.render.render(template, **values)
    return gr.HTML(html, apply_default_css=False, js_on_load=None, elem_classes="framed")


def _listening(html: str, script: str, name: str) -> gr.HTML:
    """HTML whose script turns what is pressed in it into events."""
    return gr.HTML(html, elem_id=name, apply_default_css=False, js_on_load=_script(script))


def _laid_out(chat: Chat) -> _Parts:
    say = chat.say
    head = _html(chat, "masthead.html", **masthead(chat, None))
    with gr.Column(elem_id="rail"):
        new = gr.Button(say("New conversation"), elem_id="new")
        places = _html(chat, "places.html", may_add=False)
        find = gr.Textbox(
            label=say("Search conversations"),
            placeholder=say("Search conversations"),
            show_label=False,
            container=False,
            max_length=100,
            elem_id="find-talk",
        )
        talks = _listening(chat.talks("", ""), _LISTEN, "talks")
    with gr.Column(elem_id="stage"):
        with gr.Column(elem_id="chat-view"):
            messages = _messages(chat)
            with gr.Column(elem_id="composer"):
                _html(chat, "tips.html")
                read_chips = _listening("", _CHIPS, "read-chips")
                with gr.Row(elem_id="filters"):
                    filters, narrow = _filters(chat)
                    own_chips = _listening("", _CHIPS, "own-chips")
                box = _box(chat)
        _html(chat, "browse.html")
    _html(chat, "beside.html")
    chips = (read_chips, own_chips)
    return _Parts(head, places, new, find, talks, messages, *chips, filters, narrow, box, gr.State(""))


def _messages(chat: Chat) -> gr.Chatbot:
    say = chat.say
    return gr.Chatbot(
        elem_id="chat",
        label=say("Conversation"),
        show_label=False,
        container=False,
        height="100%",
        layout="panel",
        placeholder=_welcome(chat),
        render_markdown=False,
        allow_tags=False,
        latex_delimiters=[],
        editable="user",
        feedback_options=("Like", "Dislike", say("Wrong answer"), say("Wrong source"), say("The newspaper has it")),
        buttons=[],
    )


def _filters(chat: Chat) -> tuple[gr.Accordion, list[Any]]:
    say = chat.say
    labels = (say("Newspaper"), say("Section"), say("Page"), say("Reporter"))
    with gr.Accordion(say("Filters"), open=False, elem_id="narrow") as filters, gr.Row():
        dates = [
            gr.DateTime(label=label, include_time=False, type="string", elem_id=name, min_width=_FIELD)
            for name, label in (("since", say("First date")), ("until", say("Last date")))
        ]
        facets = [
            gr.Dropdown(choices=_choices(chat, kind), value="", label=label, elem_id=kind, min_width=_FIELD)
            for kind, label in zip(KINDS, labels, strict=True)
        ]
    return filters, [*dates, *facets]


def _box(chat: Chat) -> gr.Textbox:
    return gr.Textbox(
        elem_id="question",
        label=chat.say("Question"),
        show_label=False,
        container=False,
        placeholder=chat.say("Ask about something in the newspaper…"),
        lines=1,
        max_lines=6,
        max_length=chat.site.archive.settings.answers.max_question,
        autofocus=True,
        submit_btn=True,
    )


def _choices(chat: Chat, kind: str) -> list[tuple[str, str]]:
    held = ((f"{choice.value} ({choice.articles})", choice.value) for choice in chat.choices(kind))
    return [(chat.say("Any"), ""), *held]


def _welcome(chat: Chat) -> str:
    catalogue = chat.site.archive.store.catalogue
    articles = newest(catalogue)
    leaves = catalogue.issue_leaves(articles[0].date or "") if articles else []
    html = chat.render.render(
        "welcome.html",
        holdings=chat.holdings(),
        may_add=may_add(chat),
        examples=examples(articles),
        front=front_page(articles, leaves),
    )
    return "".join(line.strip() for line in html.splitlines())  # Markdown, which would read other things into them


def _events(blocks: gr.Blocks, chat: Chat, parts: _Parts) -> None:
    """Each event with what it takes and shows."""
    private = _PRIVATE
    loading = _opening(blocks, chat, parts)
    under_way = _asking(chat, parts, loading)

    def stopped(messages: Any, talk: str, request: gr.Request) -> Any:
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

    left = parts.box.stop(None, cancels=under_way, **private)
    # afterwards, or a last piece would take its place
    left.then(stopped, [parts.messages, parts.conversation], [parts.box, parts.messages], **private)
    others = [
        parts.new.click(cleared, None, parts.screen, cancels=under_way, **private),
        parts.talks.select(shown, None, parts.screen, cancels=under_way, **private),
        parts.talks.delete(deleted, parts.conversation, parts.screen, cancels=under_way, **private),
        parts.talks.edit(renamed, None, None, **private),
    ]
    parts.find.change(listed, [parts.conversation, parts.find], parts.talks, **private)
    for event in (loading, *under_way, *others):
        event.then(listed, [parts.conversation, parts.find], parts.talks, **private)
    parts.messages.like(rated, parts.conversation, **private)


def _opening(blocks: gr.Blocks, chat: Chat, parts: _Parts) -> Any:
    """What the page shows when it opens: the conversation and the filters that its address names."""

    def opened(request: gr.Request) -> list[Any]:
        query = dict(request.query_params)
        known = chat.show(query.get("c", ""), asker(request))
        values = [query.get(name, "") for name in _OPENED_WITH]
        choices = [
            gr.update(choices=_choices(chat, kind), value=value) for kind, value in zip(KINDS, values[2:], strict=True)
        ]
        typed = query["q"] if "q" in query else gr.skip()  # somebody may have begun to write
        messages = gr.update(value=known.messages, placeholder=_welcome(chat))
        head = chat.render.render("masthead.html", **masthead(chat, request.request))
        places = chat.render.render("places.html", may_add=may_add(chat))
        screen = known._replace(box=typed, messages=messages)
        return [head, places, *screen, *(value or None for value in values[:2]), *choices]

    def counted(*where: Any) -> list[Any]:
        used = sum(1 for value in where if value)
        label = chat.say("Filters")
        return [gr.update(label=f"{label} ({used})" if used else label), chat.render.own_chips(Narrowed(*where))]

    def dropped(pressed: gr.EventData, *where: Any) -> list[Any]:
        return _filled(Narrowed(*where).without(_told(pressed, "drop")))

    loading = blocks.load(opened, None, [parts.head, parts.places, *parts.screen, *parts.narrow], **_PRIVATE)
    loading.then(None, js=_script(_BEGIN), **_PRIVATE)
    shown = [parts.filters, parts.own_chips]
    changes = [part.change for part in parts.narrow]
    gr.on(changes, counted, parts.narrow, shown, trigger_mode="always_last", **_PRIVATE)
    loading.then(counted, parts.narrow, shown, **_PRIVATE)  # filters set together may be told of one by one
    parts.own_chips.clear(dropped, parts.narrow, parts.narrow, **_PRIVATE)
    return loading


def _asking(chat: Chat, parts: _Parts, loading: Any) -> list[Any]:
    """The events whose answer comes bit by bit."""
    workers = chat.site.workers

    async def asked(request: gr.Request, question: str, talk: str, *where: Any) -> AsyncIterator[Screen]:
        ask = partial(chat.ask, question, talk, asker(request), Narrowed(*where))
        async for screen in made(workers, request, ask):
            yield screen

    async def retried(request: gr.Request, retry: gr.RetryData, talk: str, *where: Any) -> AsyncIterator[Screen]:
        ask = partial(chat.ask_again, _index(retry), talk, asker(request), Narrowed(*where))
        async for screen in made(workers, request, ask):
            yield screen

    async def edited(request: gr.Request, edit: gr.EditData, talk: str, *where: Any) -> AsyncIterator[Screen]:
        ask = partial(chat.ask_again, _index(edit), talk, asker(request), Narrowed(*where), question=str(edit.value))
        async for screen in made(workers, request, ask):
            yield screen

    async def everywhere(request: gr.Request, talk: str, *where: Any) -> AsyncIterator[Screen]:
        ask = partial(chat.ask_again, -1, talk, asker(request), Narrowed(*where), read_dates=False)
        async for screen in made(workers, request, ask):
            yield screen

    async def reworded(request: gr.Request, pressed: gr.EventData, talk: str, *where: Any) -> AsyncIterator[Screen]:
        turn, question = _told(pressed, "turn"), _told(pressed, "question")
        ask = partial(chat.reword, turn, question, talk, asker(request), Narrowed(*where))
        async for screen in made(workers, request, ask):
            yield screen

    def without(request: gr.Request, pressed: gr.EventData, talk: str, *where: Any) -> list[Any]:
        return _filled(chat.without(_told(pressed, "drop"), talk, asker(request), Narrowed(*where)))

    again = [parts.conversation, *parts.narrow]
    narrower = parts.read_chips.retry(without, again, parts.narrow, **_PRIVATE)
    return [
        parts.box.submit(
            asked,
            [parts.box, *again],
            parts.screen,
            cancels=loading,  # or it would take the place of a question that came before it
            api_name="chat",
            api_visibility="undocumented",  # as the page shows it; programs have ask
            show_progress="hidden",
        ),
        parts.messages.retry(retried, again, parts.screen, **_PRIVATE),
        parts.messages.edit(edited, again, parts.screen, **_PRIVATE),
        parts.read_chips.apply(reworded, again, parts.screen, **_PRIVATE),
        narrower.then(everywhere, again, parts.screen, **_PRIVATE),
    ]


def _filled(narrowed: Narrowed) -> list[Any]:
    """As the filters have them: no date is None, any other that is not set is empty."""
    since, until, *others = narrowed
    return [since or None, until or None, *(value or "" for value in others)]


def _index(event: Any) -> int:
    return int(event.index[0] if isinstance(event.index, list | tuple) else event.index)


def _told(event: gr.EventData, name: str) -> str:
    """What our script says with an event."""
    return str((event._data or {}).get(name, ""))
