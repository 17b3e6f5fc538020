"""The web chat: wires a Gradio page to an opened archive."""

from __future__ import annotations

import html
import ipaddress
import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import jinja2

from index.article import Article
from index.errors import BaowenError
from rag import Archive
from rag.results import Answer, Citation, Done, Found, Passage, Token

log = logging.getLogger("baowen.chat")

_TEMPLATES = Path(__file__).parent / "rag" / "web"
_EXAMPLES = 4

TEXT = {
    "zh": {
        "title": "报问",
        "subtitle": "向报纸馆藏提问：每一句回答都注明出处，查不到就直说。",
        "ask": "提问",
        "stop": "停止",
        "clear": "清空",
        "placeholder": "想问报纸里的什么事？（回车发送）",
        "sources": "出处",
        "examples": "可以这样问",
        "example": "《{title}》报道了什么？",
        "no_sources": "这里会列出回答所依据的报道。",
        "untitled": "（无题）",
        "page": "第{page}版",
        "holdings": "馆藏 {articles} 篇，{passages} 段",
        "looking": "正在阅读查到的报道……",
        "problem": "出错了：{error}",
    },
    "en": {
        "title": "Baowen",
        "subtitle": "Ask the newspaper archive: every sentence cites its source, or it says that it does not know.",
        "ask": "Ask",
        "stop": "Stop",
        "clear": "Clear",
        "placeholder": "What would you like to know? (Enter sends)",
        "sources": "Sources",
        "examples": "Try",
        "example": "《{title}》报道了什么？",
        "no_sources": "The reports that an answer rests on are listed here.",
        "untitled": "(untitled)",
        "page": "page {page}",
        "holdings": "{articles} articles, {passages} passages",
        "looking": "Reading the reports found…",
        "problem": "Something went wrong: {error}",
    },
}

Messages = list[dict[str, str]]


class Chat:
    """The page's events; each takes and returns plain values, so that they can be tested without a browser."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.text = TEXT[archive.settings.language]
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._evidence = environment.get_template("evidence.html")

    def ask(self, question: str, messages: Messages) -> Iterator[tuple[str, Messages, str]]:
        """The question box, the conversation and the sources, again and again while the answer comes."""
        if not question.strip():
            yield question, messages, gr.skip()
            return
        said = [*messages, _message("user", question)]
        yield "", [*said, _message("assistant", self.text["looking"])], self.sources((), ())
        written = ""
        try:
            for event in self.archive.stream(question):
                if isinstance(event, Found):
                    yield "", [*said, _message("assistant", self.text["looking"])], self.sources(event.passages, ())
                elif isinstance(event, Token):
                    written += event.text
                    if not written:
                        yield gr.skip(), gr.skip(), gr.skip()  # lets the page cancel while the model reads
                        continue
                    yield "", [*said, _message("assistant", written)], gr.skip()
                elif isinstance(event, Done):
                    yield "", [*said, _message("assistant", event.answer.text)], self.answer_sources(event.answer)
        except BaowenError as error:
            yield question, [*said, _message("assistant", self.text["problem"].format(error=error))], gr.skip()

    def answer_sources(self, answer: Answer) -> str:
        """The sources beside a finished answer: those cited, in order; for a refusal those that were read."""
        cited = list(dict.fromkeys(citation.passage for citation in answer.citations))
        return self.sources(cited or answer.passages, answer.citations)

    def sources(self, passages: Sequence[Passage], citations: Sequence[Citation]) -> str:
        """HTML of passages with headline, date and page, the cited words marked; all text escaped."""
        cards = [self._card(p, [c for c in citations if c.passage == p]) for p in passages]
        return self._evidence.render(cards=cards, text=self.text)

    def _card(self, passage: Passage, citations: Sequence[Citation]) -> dict[str, Any]:
        article = passage.article
        return {
            "article": article,
            "numbers": [citation.number for citation in citations],
            "place": self._place(article),
            "pieces": marked_pieces(passage, [(c.start, c.end) for c in citations]),
        }

    def _place(self, article: Article) -> list[str]:
        pages = "、".join(self.text["page"].format(page=page) for page in article.pages)
        return [part for part in (article.paper, article.date, pages, " ".join(article.reporters)) if part]

    def examples(self) -> list[list[str]]:
        """Questions about articles of the newest issue, to start from."""
        titled = (article for article in self.archive.articles(limit=40) if 6 <= len(article.title) <= 30)
        titles = list(dict.fromkeys(article.title for article in titled))[:_EXAMPLES]
        return [[self.text["example"].format(title=title)] for title in titles]


def marked_pieces(passage: Passage, spans: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """The passage's text in pieces, cited or not; ``spans`` are offsets in the article's body."""
    pieces = []
    position = passage.start
    for start, end in sorted(spans):
        start, end = max(start, position), min(end, passage.end)
        if start >= end:
            continue
        pieces.append({"text": passage.article.body[position:start], "cited": False})
        pieces.append({"text": passage.article.body[start:end], "cited": True})
        position = end
    pieces.append({"text": passage.article.body[position : passage.end], "cited": False})
    return [piece for piece in pieces if piece["text"]]


def _message(role: str, text: str) -> dict[str, str]:
    """A message of the conversation; escaped, because the chat component renders HTML even with Markdown off."""
    return {"role": role, "content": html.escape(text, quote=False)}


def page(chat: Chat) -> gr.Blocks:
    """The page: chat on the left, sources on the right."""
    text = chat.text
    stamp = chat.archive.store.stamp
    holdings = text["holdings"].format(articles=stamp.articles, passages=stamp.passages)
    with gr.Blocks(title=text["title"], analytics_enabled=False) as blocks:
        gr.HTML(f"<h1>{text['title']}</h1><p>{text['subtitle']} {holdings}</p>", elem_id="masthead")
        with gr.Row():
            with gr.Column(scale=3, min_width=340):
                conversation = gr.Chatbot(
                    elem_id="chat",
                    show_label=False,
                    height="60vh",
                    render_markdown=False,
                    allow_tags=False,
                    feedback_options=None,
                    buttons=[],
                )
                question = gr.Textbox(
                    elem_id="question",
                    placeholder=text["placeholder"],
                    show_label=False,
                    label=text["ask"],
                    max_length=chat.archive.settings.answers.max_question,
                    autofocus=True,
                )
                with gr.Row():
                    ask = gr.Button(text["ask"], variant="primary", elem_id="ask")
                    stop = gr.Button(text["stop"], elem_id="stop")
                    clear = gr.Button(text["clear"], elem_id="clear")
                gr.Examples(chat.examples(), inputs=question, label=text["examples"])
            with gr.Column(scale=2, min_width=320):
                sources = gr.HTML(chat.sources((), ()), label=text["sources"], elem_id="sources")
        asked = gr.on(
            [ask.click, question.submit],
            chat.ask,
            [question, conversation],
            [question, conversation, sources],
            show_progress="hidden",
            api_name="ask",
        )
        stop.click(None, cancels=[asked], api_name=False)
        clear.click(
            lambda: ("", [], chat.sources((), ())),
            outputs=[question, conversation, sources],
            cancels=[asked],
            api_name=False,
        )
    return blocks


def serve(archive: Archive, host: str, port: int, auth: str | None = None) -> None:
    """Serve the page until interrupted.

    Raises:
        BaowenError: the address cannot be listened on, or ``auth`` is not ``user:password``.
    """
    login = None
    if auth is not None:
        user, colon, password = auth.partition(":")
        if not (user and colon and password):
            raise BaowenError("--auth 要写成 用户:密码 (must be user:password)")
        login = (user, password)
    if not _is_loopback(host) and login is None:
        log.warning("注意：%s 对外开放而没有登录，任何能连上的人都可以提问；可加 --auth 用户:密码", host)
    blocks = page(Chat(archive))
    threading.Thread(target=_warm, args=(archive,), daemon=True).start()
    log.info("打开 (open) http://%s:%d", host, port)
    try:
        blocks.queue(default_concurrency_limit=16).launch(
            server_name=host,
            server_port=port,
            auth=login,
            quiet=True,
            ssr_mode=False,
            footer_links=[],
            css_paths=[_TEMPLATES / "page.css"],
            theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        )
    except OSError as error:
        raise BaowenError(f"无法在 {host}:{port} 监听 (cannot listen): {error}；可换 --port") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _warm(archive: Archive) -> None:
    """Load both models while the reader is still typing."""
    try:
        archive.retrieve("报纸", k=1)
        _ = archive.generator.name
        log.info("模型已就绪 (models ready)")
    except BaowenError as error:
        log.error("%s", error)
