"""What the chat asks the server for: answers as they come, conversations, ratings."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from index.errors import BaowenError
from rag.serving.cancellation import Cancellation

from .chat import Chat, Narrowed, Step
from .days import by_day
from .limits import OwnRoute
from .login import person
from .page import page_response
from .site import Site
from .text import LANGUAGES

_LONGEST_NAME = 80
Language = Annotated[str, Query(alias="lang")]


class Filters(BaseModel):
    """Where to search, as the page's fields have it."""

    since: str = Field("", max_length=10, pattern=r"^$|^\d{4}-\d{2}-\d{2}$")
    until: str = Field("", max_length=10, pattern=r"^$|^\d{4}-\d{2}-\d{2}$")
    paper: str = ""
    section: str = ""
    page: str = Field("", pattern=r"^\d{0,4}$")
    reporter: str = ""


class Asked(BaseModel):
    """A question; ``again``: the turn that it takes the place of."""

    question: str = ""
    conversation: str = Field("", max_length=64)
    again: str = Field("", max_length=64)
    read_dates: bool = True
    filters: Filters = Filters()
    language: str = "zh"


class Rating(BaseModel):
    """What somebody thinks of an answer."""

    liked: bool
    reason: str = Field("", max_length=200)


class Name(BaseModel):
    """A conversation's name."""

    name: str = Field(max_length=1000)


def talk(site: Site) -> APIRouter:
    """The chat's routes."""
    talk = Talk(site)
    router = APIRouter(include_in_schema=False, route_class=OwnRoute)
    router.add_api_route("/chat", talk.ask, methods=["POST"])
    router.add_api_route("/conversations", talk.conversations)
    router.add_api_route("/conversations/{identity}/turns", talk.turns)
    router.add_api_route("/conversations/{identity}/name", talk.rename, methods=["POST"])
    router.add_api_route("/conversations/{identity}", talk.delete, methods=["DELETE"])
    router.add_api_route("/answers/{identity}/rating", talk.rate, methods=["POST"])
    return router


class Talk:
    """What each of the chat's requests gets."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._chats = {language: Chat(site, language) for language in LANGUAGES}

    def _chat(self, language: str) -> Chat:
        return self._chats.get(language) or self._chats["zh"]

    async def ask(self, request: Request, asked: Asked) -> Response:
        """The steps of an answer, one JSON object a line."""
        chat, cancellation = self._chat(asked.language), Cancellation()
        steps = chat.ask(
            asked.question,
            asked.conversation,
            person(request),
            Narrowed(**asked.filters.model_dump()),
            replaced=asked.again,
            read_dates=asked.read_dates,
            cancellation=cancellation,
        )
        lines = self._lines(chat, asked.question, steps, cancellation, request)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers={"X-Accel-Buffering": "no"})

    async def _lines(
        self, chat: Chat, question: str, steps: Iterator[Step], cancellation: Cancellation, request: Request
    ) -> AsyncIterator[str]:
        try:
            async with self._site.workers.run(steps, cancellation, request.is_disconnected) as made:
                async for step in made:
                    yield _line(step)
        except BaowenError as error:
            self._site.metrics.errors.inc()
            yield _line(Step("problem", "", chat.render.problem(question, str(error))))

    def conversations(self, request: Request, q: str = "", lang: Language = "zh") -> Response:
        """The list of earlier conversations, as HTML."""
        chat = self._chat(lang)
        held = chat.conversations(person(request), q.strip()[:100])
        return page_response(chat.render.render("talks.html", days=by_day(held, chat.render.text), query=q))

    def turns(self, request: Request, identity: str, lang: Language = "zh") -> Response:
        """A conversation as it was left, as HTML."""
        shown = self._chat(lang).show(identity, person(request))
        return page_response(shown, 200 if shown else 404)

    def rename(self, request: Request, identity: str, given: Name) -> Response:
        """Name a conversation."""
        self._require(request, identity)
        self._site.history.rename(person(request), identity, " ".join(given.name.split())[:_LONGEST_NAME])
        return Response(status_code=204)

    def delete(self, request: Request, identity: str) -> Response:
        """Delete a conversation."""
        self._require(request, identity)
        self._site.history.forget_conversation(person(request), identity)
        return Response(status_code=204)

    def rate(self, request: Request, identity: str, rating: Rating) -> Response:
        """Note what somebody thinks of one of their answers."""
        self._site.history.rate(person(request), identity, rating.liked, "" if rating.liked else rating.reason)
        return Response(status_code=204)

    def _require(self, request: Request, conversation: str) -> None:
        if not self._site.history.turns(person(request), conversation):
            raise HTTPException(404)


def _line(step: Step) -> str:
    return json.dumps(step.as_dict(), ensure_ascii=False) + "\n"
