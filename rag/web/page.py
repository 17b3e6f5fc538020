"""The page: chat and sources, issues, overview, and, where it is allowed, adding an issue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from index.article import Article
from index.errors import BaowenError
from index.reading import SUFFIXES

from .calls import asker, made
from .chat import KINDS, Chat, Narrowed, Screen
from .feed import LIMIT_MB, Feed, as_rows, corrected
from .programs import programs

_AT_ONCE = 64  # questions that may be under way; the model is given to one after another by rag.serving.fair_queue
_UPLOADS_KEPT = (3600, 24 * 3600)  # looked for each hour, deleted after a day and when the server ends (seconds)
_OPENED_WITH = ("since", "until", *KINDS)


def page(chat: Chat) -> gr.Blocks:
    """The page in the chat's language."""
    text = chat.text
    with gr.Blocks(title=text["title"], analytics_enabled=False, delete_cache=_UPLOADS_KEPT) as blocks:
        masthead = gr.HTML(chat.holdings(), elem_id="masthead")
        with gr.Row(elem_id="tools"):
            up = "../" if chat.render.language == "en" else ""  # links that hold below any path
            other = up or "en/"
            gr.Button(text["other_language"], size="sm", link=other, elem_id="language")
            theme = gr.Button(text["theme"], size="sm", elem_id="theme")
            if chat.site.passwords is not None:
                gr.Button(text["logout"], size="sm", link=f"{up}logout", elem_id="logout")
        with gr.Tabs():
            with gr.Tab(text["chat"], id="chat"):
                opened = _chat(blocks, chat)
            for name in ("search", "issues", "overview"):
                with gr.Tab(text[name], id=name) as tab:
                    gr.HTML(chat.render.area(name), elem_id=name)
                tab.select(None, js=f"() => window.baowen.show('{name}')", api_visibility="private")
            if chat.site.feed is not None:
                with gr.Tab(text["feed"], id="feed"):
                    _feed(chat, chat.site.feed, masthead, opened)
        theme.click(None, js="() => window.baowen.theme()", api_visibility="private")
        blocks.load(None, js="() => window.baowen.start()", api_visibility="private")
        blocks.load(chat.holdings, outputs=masthead, api_visibility="private")
        if chat.render.language == chat.site.archive.settings.language:
            programs(chat)
    blocks.queue(default_concurrency_limit=_AT_ONCE)
    return blocks


def _chat(blocks: gr.Blocks, chat: Chat) -> list[gr.Dropdown]:
    """The chat's components and events; returns the choices of what to narrow down to."""
    text = chat.text
    conversation = gr.State("")
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            with gr.Row():
                earlier = gr.Dropdown([], label=text["conversations"], scale=4, elem_id="conversations")
                new = gr.Button(text["new"], scale=1, min_width=90, elem_id="new")
            messages = gr.Chatbot(
                elem_id="chat",
                label=text["conversation"],
                show_label=False,
                height="56vh",
                placeholder=text["empty_chat"],
                render_markdown=False,
                allow_tags=False,
                editable="user",
                feedback_options=(
                    "Like",
                    "Dislike",
                    text["reason_wrong"],
                    text["reason_source"],
                    text["reason_missing"],
                ),
                buttons=[],
            )
            chip = gr.Button(visible=False, size="sm", elem_id="chip")
            box = gr.Textbox(
                elem_id="question",
                label=text["question"],
                show_label=False,
                placeholder=text["placeholder"],
                lines=1,
                max_lines=6,
                max_length=chat.site.archive.settings.answers.max_question,
                autofocus=True,
            )
            with gr.Row():
                ask = gr.Button(text["ask"], variant="primary", elem_id="ask", min_width=80)
                stop = gr.Button(text["stop"], elem_id="stop", min_width=80)
                clear = gr.Button(text["clear"], elem_id="clear", min_width=80)
            exports = gr.HTML(elem_id="exports")
            with gr.Accordion(text["narrow"], open=False, elem_id="narrow"):
                with gr.Row():
                    dates = [
                        gr.DateTime(label=text[name], include_time=False, type="string", elem_id=name)
                        for name in ("since", "until")
                    ]
                with gr.Row():
                    labels = ("paper", "section", "page_label", "reporter")
                    facets = [
                        gr.Dropdown(
                            choices=_choices(chat, kind), value="", label=text[label], elem_id=kind, min_width=120
                        )
                        for kind, label in zip(KINDS, labels, strict=True)
                    ]
            gr.Examples([[example] for example in chat.examples()], inputs=box, label=text["examples"])
        with gr.Column(scale=2, min_width=320, elem_id="panel"):
            sources = gr.HTML(chat.render.sources(()), label=text["sources"], elem_id="sources")
            gr.HTML(chat.render.area("reader"), elem_id="reader")
    narrow = [*dates, *facets]
    screen = [box, messages, sources, conversation, chip]
    kept = [earlier, exports]

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

    def rated(talk: str, request: gr.Request, like: gr.LikeData) -> None:
        chat.rate(_index(like), like.liked, talk, asker(request))

    def shown(talk: str | None, request: gr.Request) -> Screen:
        return chat.show(talk or "", asker(request))

    def cleared(request: gr.Request) -> Screen:
        return chat.show("", asker(request))

    def settled(talk: str | None, request: gr.Request) -> tuple[Any, str]:
        return chat.kept(talk or "", asker(request))

    def opened(request: gr.Request) -> list[Any]:
        query = dict(request.query_params)
        known = chat.show(chat.latest(asker(request)), asker(request))
        values = [query.get(name, "") for name in _OPENED_WITH]
        choices = [
            gr.update(choices=_choices(chat, kind), value=value) for kind, value in zip(KINDS, values[2:], strict=True)
        ]
        typed = query["q"] if "q" in query else gr.skip()  # somebody may have begun to write
        return [*known._replace(box=typed), *(value or None for value in values[:2]), *choices]

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    loading = blocks.load(opened, None, [*screen, *narrow], **private)
    under_way = [
        gr.on(
            [ask.click, box.submit],
            asked,
            [box, conversation, *narrow],
            screen,
            cancels=loading,  # or it would take the place of a question that came before it
            api_name="chat",
            api_visibility="undocumented",  # as the page shows it; programs have ask
            show_progress="hidden",
        ),
        messages.retry(retried, [conversation, *narrow], screen, **private),
        messages.edit(edited, [conversation, *narrow], screen, **private),
        chip.click(everywhere, [conversation, *narrow], screen, **private),
    ]
    left = stop.click(None, cancels=under_way, **private)
    left.then(chat.stopped, messages, messages, **private)  # afterwards, or a last piece would take its place
    others = [leave(cleared, None, screen, cancels=under_way, **private) for leave in (new.click, clear.click)]
    others.append(earlier.input(shown, earlier, screen, cancels=under_way, **private))
    for event in (loading, *under_way, *others):
        event.then(settled, conversation, kept, **private)
    messages.like(rated, conversation, **private)
    return facets


def _choices(chat: Chat, kind: str) -> list[tuple[str, str]]:
    return [(chat.text["any"], ""), *chat.choices(kind)]


def _index(event: Any) -> int:
    return int(event.index[0] if isinstance(event.index, list | tuple) else event.index)


def _feed(chat: Chat, feed: Feed, masthead: gr.HTML, facets: Sequence[gr.Dropdown]) -> None:
    """Upload, look, correct, publish."""
    text = chat.text
    gr.Markdown(text["feed_intro"])
    label = text["feed_files"].format(suffixes=" ".join(SUFFIXES), limit=LIMIT_MB)
    files = gr.File(file_count="multiple", label=label, elem_id="files")
    files.example_inputs = list  # Gradio's example is a file on a foreign host, and the page would name it
    recognise = gr.Button(text["recognise"], elem_id="recognise")
    said = gr.Textbox(show_label=False, label=text["feed"], interactive=False, elem_id="feed-said", lines=2)
    kinds = ["bool", "str", "str", "str", "str", "str", "number", "str"]
    table = gr.Dataframe(
        headers=text["columns"].split("|"),
        datatype=kinds,
        type="array",
        interactive=True,
        static_columns=[6, 7],
        wrap=True,
        show_label=False,
        label=text["feed"],
        elem_id="recognised",
    )
    publish = gr.Button(text["publish"], variant="primary", elem_id="publish")
    held = gr.State([])

    def recognised(paths: list[str] | None) -> tuple[str, list[list[Any]], list[Article]]:
        found = feed.recognise([Path(path) for path in paths or []], text)
        count = len(found.articles)
        head = text["recognised"].format(count=count) if count else text["nothing_recognised"]
        return "\n".join([head, *found.problems]), as_rows(found.articles), list(found.articles)

    def published(
        rows: list[list[Any]],
        articles: list[Article],
        progress: gr.Progress = gr.Progress(track_tqdm=True),  # noqa: B008
    ) -> list[Any]:
        unchanged = [gr.skip() for _ in facets]
        try:
            kept = corrected(articles, rows, text) if articles else []
            if not kept:
                return [text["nothing_to_publish"], gr.skip(), gr.skip(), gr.skip(), *unchanged]
            progress(0, desc=text["publish"])
            report = feed.publish(kept)
        except BaowenError as error:
            return [text["problem"].format(error=error), gr.skip(), gr.skip(), gr.skip(), *unchanged]
        done = text["published"].format(count=len(kept), articles=report.articles, passages=report.passages)
        choices = [gr.update(choices=_choices(chat, kind)) for kind in KINDS]
        return ["\n".join([done, *report.problems]), [], [], chat.holdings(), *choices]

    private: dict[str, Any] = {"api_visibility": "private"}
    recognise.click(recognised, files, [said, table, held], **private)
    publish.click(published, [table, held], [said, table, held, masthead, *facets], concurrency_limit=1, **private)
