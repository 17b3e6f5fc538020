"""The frame of every page: masthead, rail, the chat, the view beside it, and the reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from index.storage.catalogue import Catalogue

from .chat import KINDS, Chat
from .days import by_day
from .login import person
from .site import Site
from .text import LANGUAGES
from .welcome import Example, FrontPage, examples, front_page, newest

# Nothing but this site's own files is loaded or asked; widths of bars are the only styles written into the HTML.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A view is sent with its frame or without, as it is asked for; what a person asked is not for a shared cache.
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Vary": "X-Fragment",
}


def page_response(html: str, status: int = 200) -> Response:
    """HTML of ours with the headers that keep foreign code out."""
    return HTMLResponse(html, status, headers=_HEADERS)


class Pages:
    """The frame of a site in each language."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._chats = {language: Chat(site, language) for language in LANGUAGES}

    def chat(self, language: str) -> Chat:
        """The chat of a language, or of the site's own."""
        return self._chats.get(language) or self._chats[self._site.archive.settings.language]

    def view(self, request: Request, language: str, body: str | None, title: str, *, name: str = "") -> Response:
        """A view (None: there is none) alone, where the page asks for it, or in its frame."""
        chat = self.chat(language)
        shown = chat.render.render("missing.html") if body is None else body
        status = 404 if body is None else 200
        if "x-fragment" in request.headers:
            return page_response(shown, status)
        return page_response(self._frame(request, chat, view=name or "view", body=Markup(shown), title=title), status)

    def conversation(self, request: Request, language: str) -> Response:
        """The chat, with the conversation that the address names (``c``)."""
        chat = self.chat(language)
        identity = request.query_params.get("c", "")
        turns = chat.show(identity, person(request)) if identity else ""
        return page_response(
            self._frame(request, chat, view="chat", turns=Markup(turns), conversation=identity if turns else "")
        )

    def login(self, language: str, failed: bool) -> Response:
        """The page to log in on."""
        render = self.chat(language).render
        return page_response(render.render("login.html", failed=failed), 401 if failed else 200)

    def _frame(self, request: Request, chat: Chat, **values: Any) -> str:
        start, front = _start(self._site.archive.store.catalogue)
        return chat.render.render(
            "frame.html",
            holdings=chat.holdings(),
            person=request.session.get("user", ""),
            has_feed=self._site.feed is not None,
            days=by_day(chat.conversations(person(request)), chat.render.text),
            filters=[(kind, label, chat.choices(kind)) for kind, label in zip(KINDS, _labels(chat.say), strict=True)],
            longest=self._site.archive.settings.answers.max_question,
            examples=start,
            front=front,
            words=json.dumps(_words(chat.say), ensure_ascii=False),
            other="/" if chat.render.language == "en" else "/en/",
            **{**_DEFAULTS, **values},
        )


_DEFAULTS: Mapping[str, Any] = {"view": "chat", "turns": "", "body": "", "title": "", "conversation": "", "query": ""}


@lru_cache(maxsize=2)
def _start(catalogue: Catalogue) -> tuple[list[Example], FrontPage | None]:
    """What an empty chat offers; the same until the archive changes."""
    articles = newest(catalogue)
    return examples(articles), front_page(articles)


def _labels(say: Callable[[str], str]) -> tuple[str, ...]:
    """What the kinds of filters are called."""
    return say("Newspaper"), say("Section"), say("Page"), say("Reporter")


def _words(say: Callable[[str], str]) -> dict[str, str]:
    """What the scripts say."""
    return {
        "searching": say("Searching…"),
        "drafting": say("Writing; not checked yet"),
        "stopped": say("Stopped."),
        "again": say("Ask again"),
        "offline": say("The server cannot be reached. What you wrote is kept."),
        "online": say("The server can be reached again."),
        "failed": say("That did not work; please try again."),
        "copied": say("Copied"),
        "linkCopied": say("Link copied"),
        "noted": say("Thank you, noted."),
        "seconds": say("s"),
        "rename": say("New name of the conversation"),
        "delete": say("Delete for good?"),
        "deleted": say("Conversation deleted"),
        "since": say("from"),
        "until": say("to"),
        "drop": say("Remove filter"),
        "loading": say("Loading…"),
        "uploading": say("Uploading"),
        "recognising": say("Recognising…"),
        "publishing": say("Publishing…"),
        "save": say("Ask"),
        "cancel": say("Cancel"),
        "name": say("Baowen"),
    }
