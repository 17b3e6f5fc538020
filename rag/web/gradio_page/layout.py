"""The layout of the page: masthead, rail, conversation and box, and the reader next to them."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from ..chat.chat import Chat
from ..chat.frame import masthead, may_add
from ..rendering.narrowing import KINDS
from ..requests.prefix import prefix
from .welcome import examples, front_page, newest

_FIELD = 200  # pixels of a filter's width: a date with its calendar
# Gradio runs these before the page's URL can have changed; a script's own URL is not that of the page.
_LISTEN = "import(new URL('{own}/talks.js', document.baseURI)).then((talks) => talks.listen(element, trigger, watch))"
_CHIPS = "import(new URL('{own}/chips.js', document.baseURI)).then((chips) => chips.listen(element, trigger))"


@dataclass(frozen=True)
class Parts:
    """The components that the events use."""

    head: gr.HTML
    places: gr.HTML
    new: gr.Button
    find: gr.Textbox
    talks: gr.HTML
    messages: gr.Chatbot
    read_chips: gr.HTML
    own_chips: gr.HTML
    filters: gr.Accordion
    narrow: list[gr.Component]
    box: gr.Textbox
    conversation: gr.Textbox

    @property
    def screen(self) -> list[gr.Component]:
        """The components in the order of ``Screen``."""
        return [self.box, self.messages, self.conversation, self.read_chips]


def with_own(text: str) -> str:
    """Return a script of the page with the URL of our own files filled in."""
    return text.format(own=f"{prefix()}/own")


def _html(chat: Chat, template: str, **values: object) -> gr.HTML:
    html = chat.render.render(template, **values)
    return gr.HTML(html, apply_default_css=False, js_on_load=None, elem_classes="framed")


def _listening(html: str, script: str, name: str) -> gr.HTML:
    """HTML whose script turns clicks into events."""
    return gr.HTML(html, elem_id=name, apply_default_css=False, js_on_load=with_own(script))


def laid_out(chat: Chat) -> Parts:
    """Create the components within the current Blocks."""
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
    conversation = gr.Textbox(visible="hidden")  # kept in the page, since the server's memory may be lost
    return Parts(head, places, new, find, talks, messages, *chips, filters, narrow, box, conversation)


def _messages(chat: Chat) -> gr.Chatbot:
    say = chat.say
    return gr.Chatbot(
        elem_id="chat",
        label=say("Conversation"),
        show_label=False,
        container=False,
        height="100%",
        layout="panel",
        placeholder=welcome(chat),
        render_markdown=False,
        allow_tags=False,
        latex_delimiters=[],
        editable="user",
        feedback_options=("Like", "Dislike", say("Wrong answer"), say("Wrong source"), say("The newspaper has it")),
        buttons=[],
    )


def _filters(chat: Chat) -> tuple[gr.Accordion, list[gr.Component]]:
    say = chat.say
    labels = (say("Newspaper"), say("Section"), say("Page"), say("Reporter"))
    with gr.Accordion(say("Filters"), open=False, elem_id="narrow") as filters, gr.Row():
        dates = [
            gr.DateTime(label=label, include_time=False, type="string", elem_id=name, min_width=_FIELD)
            for name, label in (("since", say("First date")), ("until", say("Last date")))
        ]
        facets = [
            gr.Dropdown(choices=choices(chat, kind), value="", label=label, elem_id=kind, min_width=_FIELD)
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


def choices(chat: Chat, kind: str) -> list[tuple[str, str]]:
    """Return the choices of a filter as (label, value) pairs."""
    held = ((f"{choice.value} ({choice.articles})", choice.value) for choice in chat.choices(kind))
    return [(chat.say("Any"), ""), *held]


def welcome(chat: Chat) -> str:
    """Return what an empty conversation shows, as HTML."""
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
    return "".join(line.strip() for line in html.splitlines())  # indentation and blank lines would change the Markdown
