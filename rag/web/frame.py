"""The frame of the views beside the chat: masthead, rail, the view, and the reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from .chat import Chat
from .days import by_day
from .login import person
from .site import Site
from .text import LANGUAGES

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
        self._chats = {language: Chat(site, language) for language in LANGUAGES}
        self._default = self._chats[site.archive.settings.language]

    def chat(self, language: str) -> Chat:
        """The chat of a language, or of the site's own."""
        return self._chats.get(language) or self._default

    def view(self, request: Request, language: str, body: str | None, title: str, *, name: str = "") -> Response:
        """A view (None: there is none) alone, where the page asks for it, or in its frame."""
        chat = self.chat(language)
        shown = chat.render.render("missing.html") if body is None else body
        status = 404 if body is None else 200
        if "x-fragment" in request.headers:
            return page_response(shown, status)
        framed = chat.render.render(
            "frame.html",
            **masthead(chat, request.session.get("user", ""), view=name or "view"),
            days=by_day(chat.conversations(person(request)), chat.render.text),
            title=title,
            body=Markup(shown),
        )
        return page_response(framed, status)

    def login(self, language: str, failed: bool) -> Response:
        """The page to log in on."""
        render = self.chat(language).render
        return page_response(render.render("login.html", failed=failed), 401 if failed else 200)


def masthead(chat: Chat, named: str, *, view: str = "chat") -> dict[str, Any]:
    """What the masthead and the rail say, and what they tell the scripts; ``named``: who has logged in."""
    return {
        "view": view,
        "holdings": chat.holdings(),
        "person": named,
        "has_feed": chat.site.feed is not None,
        "words": json.dumps(_words(chat.say), ensure_ascii=False),
        "other": "/" if chat.render.language == "en" else "/en/",
    }


def _words(say: Callable[[str], str]) -> dict[str, str]:
    """What the scripts say."""
    return {
        "offline": say("The server cannot be reached. What you wrote is kept."),
        "online": say("The server can be reached again."),
        "failed": say("That did not work; please try again."),
        "copied": say("Copied"),
        "linkCopied": say("Link copied"),
        "rename": say("New name of the conversation"),
        "delete": say("Delete for good?"),
        "loading": say("Loading…"),
        "uploading": say("Uploading"),
        "recognising": say("Recognising…"),
        "publishing": say("Publishing…"),
        "name": say("Baowen"),
    }
