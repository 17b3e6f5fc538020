"""OpenAI's chat completions over the archive, so that other chat front ends can use it.

Only checked sentences are sent, also when streaming: a token that was sent cannot be taken back. While the model works
the stream is kept open by comments, which clients ignore.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response, StreamingResponse

from index.errors import BaowenError
from rag.results import Answer, Done

from .exports import references
from .login import person
from .site import Site

MODEL = "baowen"


class ChatMessage(BaseModel):
    """A turn of the conversation; content as text, or as parts of which the text is read."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None = ""

    @property
    def text(self) -> str:
        """What was said."""
        if isinstance(self.content, list):
            return "\n".join(str(part.get("text") or "") for part in self.content if part.get("type") == "text")
        return self.content or ""


class ChatRequest(BaseModel):
    """What is read of a request; sampling options are accepted and have no effect, since answers are checked."""

    messages: list[ChatMessage] = Field(min_length=1)
    model: str = MODEL
    stream: bool = False


def completions(site: Site) -> APIRouter:
    """``/v1/models`` and ``/v1/chat/completions`` of a site."""
    router = APIRouter(prefix="/v1", tags=["OpenAI"])

    @router.get("/models")
    def models() -> dict[str, Any]:
        """The one model there is."""
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "baowen"}]}

    @router.post("/chat/completions")
    def complete(request: Request, asked: ChatRequest) -> Response:
        """Answer the last user message from the archive; ``citations`` holds what is quoted, as data."""
        turns = [message for message in asked.messages if message.role in ("user", "assistant")]
        if not turns or turns[-1].role != "user":
            return _error("最后一条要是 user 的问题 (the last message must be the user's)")
        try:
            events = site.archive.stream(turns[-1].text, _pairs(turns[:-1]), person=person(request))
        except BaowenError as error:
            return _error(str(error))
        reply = {"id": f"chatcmpl-{secrets.token_hex(8)}", "created": int(time.time()), "model": MODEL}
        if asked.stream:
            return StreamingResponse(_streamed(site, events, reply), media_type="text/event-stream")
        try:
            answer = next(event.answer for event in events if isinstance(event, Done))
        except BaowenError as error:
            site.metrics.errors.inc()
            return _error(str(error), 500)
        site.metrics.answered(answer)
        message = {"role": "assistant", "content": _content(answer), "citations": _citations(answer)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return JSONResponse(
            reply | {"object": "chat.completion", "choices": [choice], "usage": usage, "refused": answer.refused}
        )

    return router


def _error(message: str, status: int = 400) -> Response:
    kind = "invalid_request_error" if status == 400 else "server_error"
    return JSONResponse({"error": {"message": message, "type": kind, "param": None, "code": None}}, status)


def _pairs(turns: Sequence[ChatMessage]) -> list[tuple[str, str]]:
    return [
        (first.text, second.text)
        for first, second in pairwise(turns)
        if (first.role, second.role) == ("user", "assistant")
    ]


def _content(answer: Answer) -> str:
    return "\n".join([answer.text, *([""] if answer.citations else []), *references(answer.as_dict())])


def _citations(answer: Answer) -> list[dict[str, Any]]:
    found = []
    for citation in answer.citations:
        article = citation.passage.article
        names = ("id", "title", "paper", "date", "page")
        where = {name: getattr(article, name) for name in names}
        span = {"number": citation.number, "quote": citation.quote, "start": citation.start, "end": citation.end}
        found.append(span | {"article": where})
    return found


def _streamed(site: Site, events: Iterator[Any], reply: dict[str, Any]) -> Iterator[str]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = reply | {"object": "chat.completion.chunk", "choices": [choice]}
        return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    try:
        for event in events:
            if not isinstance(event, Done):
                yield ": working\n\n"
                continue
            site.metrics.answered(event.answer)
            yield chunk({"content": _content(event.answer), "citations": _citations(event.answer)})
        yield chunk({}, "stop")
    except BaowenError as error:
        site.metrics.errors.inc()
        yield f"data: {json.dumps({'error': {'message': str(error), 'type': 'server_error'}}, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"
