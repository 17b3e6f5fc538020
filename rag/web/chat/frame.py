"""The frame of views other than the chat: masthead, rail, the view itself, and the reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

from fastapi import Query, Request
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import Response

from ..access.login import person
from ..access.rights import Rights, user
from ..rendering.days import by_day
from ..rendering.text import LANGUAGES
from ..requests.prefix import prefix
from ..requests.responses import page_response
from ..sites.site import Site
from .chat import Chat

Language = Annotated[str, Query(alias="lang")]  # of a view; the site's own if empty or unknown


class Frames:
    """The frame of a site in every language."""

    def __init__(self, site: Site) -> None:
        self._chats = {language: Chat(site, language) for language in LANGUAGES}
        self._default = self._chats[site.archive.settings.language]

    def chat(self, language: str) -> Chat:
        """Return the chat in a language, by default the site's own."""
        return self._chats.get(language) or self._default

    def view(
        self, request: Request, language: str, body: str | None, title: str, *, name: str = "", status: int = 200
    ) -> Response:
        """Return a view, alone if the page requests a fragment, otherwise in its frame; 404 if ``body`` is None."""
        chat = self.chat(language)
        shown = chat.render.render("missing.html") if body is None else body
        status = 404 if body is None else status
        if "x-fragment" in request.headers:
            return page_response(shown, status)
        framed = chat.render.render(
            "frame.html",
            **masthead(chat, request, view=name or "view"),
            days=by_day(chat.conversations(person(request)), chat.render.text),
            title=title,
            body=Markup(shown),
        )
        return page_response(framed, status)


def masthead(chat: Chat, request: HTTPConnection | None, *, view: str = "chat") -> dict[str, object]:
    """Return the values of the masthead and the rail, and the scripts' data; ``request``: None while building."""
    settings = chat.site.archive.settings
    scope = request.scope if request is not None else {}
    rights = Rights(settings.access, settings.archives)
    return {
        "view": view,
        "holdings": chat.holdings(),
        "archive": chat.site.name,
        "person": user(scope),
        "logged_in": bool((scope.get("session") or {}).get("user")),
        "administrator": request is not None and rights.may(scope, "administer"),
        "may_add": may_add(chat),
        "words": json.dumps(_words(chat.say), ensure_ascii=False),
        "other": f"{prefix()}/" if chat.render.language == "en" else f"{prefix()}/en/",
    }


def may_add(chat: Chat) -> bool:
    """Return whether the client of the current request may add issues here."""
    return chat.site.feed is not None and chat.site.feed.allowed()


def _words(say: Callable[..., str]) -> dict[str, str]:
    """The scripts' messages."""
    return {
        "offline": say("The server cannot be reached. What you wrote is kept."),
        "online": say("The server can be reached again."),
        "askedAgain": say("The server was lost; your question is asked again."),
        "unreachable": say("The server cannot be reached. This is loaded as soon as it can be."),
        "again": say("Try again"),
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
        "feedback": say("Say what is wrong"),
        "reword": say("How the question is to be understood"),
        "seconds": say("%(count)s s", count="{count}"),
    }
