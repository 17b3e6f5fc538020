"""What the chat asks the server for: answers as they come, conversations, ratings."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response, StreamingResponse

from index.errors import BaowenError
from rag.serving.cancellation import Cancellation

from .chat import Chat, Narrowed, Step
from .days import by_day
from .limits import OwnRoute
from .login import person
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
    router = APIRouter(include_in_schema=False, route_class=OwnRoute)
    chats = {language: Chat(site, language) for language in LANGUAGES}

    @router.post("/chat")
    async def ask(request: Request, asked: Asked) -> Response:
        """The steps of an answer, one JSON object a line."""
        chat = chats.get(asked.language, chats["zh"])
        narrowed = Narrowed(**asked.filters.model_dump())
        who = person(request)
        cancellation = Cancellation()
        made = chat.ask(
            asked.question,
            asked.conversation,
            who,
            narrowed,
            replaced=asked.again,
            read_dates=asked.read_dates,
            cancellation=cancellation,
        )
        lines = _lines(site, chat, asked.question, made, cancellation, request)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers={"X-Accel-Buffering": "no"})

    @router.get("/conversations")
    def conversations(request: Request, q: str = "", lang: Language = "zh") -> Response:
        """The list of earlier conversations, as HTML."""
        chat = chats.get(lang, chats["zh"])
        held = chat.conversations(person(request), q.strip()[:100])
        return HTMLResponse(chat.render.render("talks.html", days=by_day(held, chat.render.text), query=q))

    @router.get("/conversations/{identity}/turns")
    def turns(request: Request, identity: str, lang: Language = "zh") -> Response:
        """A conversation as it was left, as HTML."""
        shown = chats.get(lang, chats["zh"]).show(identity, person(request))
        return HTMLResponse(shown, 200 if shown else 404)

    @router.post("/conversations/{identity}/name")
    def rename(request: Request, identity: str, given: Name) -> Response:
        """Name a conversation."""
        _known(site, person(request), identity)
        site.history.rename(person(request), identity, " ".join(given.name.split())[:_LONGEST_NAME])
        return Response(status_code=204)

    @router.delete("/conversations/{identity}")
    def delete(request: Request, identity: str) -> Response:
        """Delete a conversation."""
        _known(site, person(request), identity)
        site.history.forget_conversation(person(request), identity)
        return Response(status_code=204)

    @router.post("/answers/{identity}/rating")
    def rate(request: Request, identity: str, rating: Rating) -> Response:
        """Note what somebody thinks of one of their answers."""
        site.history.rate(person(request), identity, rating.liked, "" if rating.liked else rating.reason)
        return Response(status_code=204)

    return router


def _known(site: Site, who: str, conversation: str) -> None:
    if not site.history.turns(who, conversation):
        raise HTTPException(404)


async def _lines(
    site: Site, chat: Chat, question: str, steps: Iterator[Step], cancellation: Cancellation, request: Request
) -> AsyncIterator[str]:
    try:
        async with site.workers.run(steps, cancellation, request.is_disconnected) as made:
            async for step in made:
                yield _line(step)
    except BaowenError as error:
        site.metrics.errors.inc()
        yield _line(Step("problem", "", chat.render.problem(question, str(error))))


def _line(step: Step) -> str:
    return json.dumps(step.as_dict(), ensure_ascii=False) + "\n"
