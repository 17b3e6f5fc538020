"""OpenAI's chat completions API over the archive, for other chat front ends.

Only checked sentences are sent, even when streaming, since a token cannot be taken back. While the model works, the
stream is kept open by comments, which clients ignore.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import anyio
from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response, StreamingResponse

from index.errors import BaowenError
from index.types import JsonObject
from rag.llm import CountsTokens, Generator
from rag.results import Answer, Done, Event
from rag.serving.cancellation import Cancellation, Interrupted

from ..access.login import person
from ..rendering.exports import references
from ..requests.protocol import MODEL, ChatRequest, LimitedBody, RequestMessage, problem
from ..sites.site import Site

_REMEMBERED = 4000  # characters of an earlier turn
_MODEL = {"id": MODEL, "object": "model", "created": 0, "owned_by": "baowen"}


class _Route(APIRoute):
    """Reports errors in the format of OpenAI's API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, None, Response]]:
        """Return the handler, with errors as OpenAI's error objects."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            body = LimitedBody(request.receive)
            try:
                return await handle(Request(request.scope, body))
            except (RequestValidationError, HTTPException) as error:
                if body.problem:
                    return _error(body.problem, 413)
                if isinstance(error, HTTPException):
                    return _error(error.detail, error.status_code)
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"][1:])
                return _error(f"请求有误 (bad request): {where}: {first['msg']}", param=where or None)

        return handled


@dataclass(frozen=True)
class _Reply:
    """The reply to a request."""

    site: Site
    events: Iterator[Event]
    cancellation: Cancellation
    request: Request
    read: Sequence[str]  # the texts used from the request
    usage: bool  # whether a stream ends with the usage
    head: JsonObject

    async def answer(self) -> Answer | None:
        """Return the answer; None if there is none."""
        found = None
        async with self.site.workers.run(self.events, self.cancellation, self.request.is_disconnected) as events:
            async for event in events:
                if isinstance(event, Done):
                    found = event.answer
        return found

    async def whole(self) -> Response:
        """Return the answer as one object."""
        try:
            answer = await self.answer()
            if answer is None:
                raise BaowenError("语言模型没有回答 (the model gave no answer)")
        except BaowenError as error:
            return _error(str(error), 503 if isinstance(error, Interrupted) else 500)
        content = _content(answer)
        message = {"role": "assistant", "content": content, "citations": _citations(answer)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = await self._counted(content)
        body = {"object": "chat.completion", "choices": [choice], "usage": usage, "refused": answer.refused}
        return JSONResponse(self.head | body)

    async def streamed(self) -> AsyncIterator[str]:
        """Yield the answer as server-sent events."""
        yield self._chunk({"role": "assistant", "content": ""})
        content = ""
        try:
            async with self.site.workers.run(self.events, self.cancellation, self.request.is_disconnected) as events:
                async for event in events:
                    if not isinstance(event, Done):
                        yield ": working\n\n"
                        continue
                    content = _content(event.answer)
                    yield self._chunk({"content": content, "citations": _citations(event.answer)})
            yield self._chunk({}, "stop")
            if self.usage:
                yield self._data({"choices": [], "usage": await self._counted(content)})
        except BaowenError as error:
            yield f"data: {json.dumps(problem(str(error), 500), ensure_ascii=False)}\n\n"
        yield "data: [DONE]\n\n"

    async def _counted(self, content: str) -> dict[str, int] | None:
        """The tokens of the request's texts and of the reply; None if the model cannot count them."""
        return await anyio.to_thread.run_sync(_usage, self.site.archive.generator, self.read, content)

    def _chunk(self, delta: JsonObject, finish: str | None = None) -> str:
        unknown = {"usage": None} if self.usage else {}
        return self._data({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | unknown)

    def _data(self, body: JsonObject) -> str:
        whole = self.head | {"object": "chat.completion.chunk"} | body
        return f"data: {json.dumps(whole, ensure_ascii=False)}\n\n"


def completions(site: Site) -> APIRouter:
    """Return the routes ``/v1/models`` and ``/v1/chat/completions`` of a site."""
    router = APIRouter(prefix="/v1", tags=["OpenAI"], route_class=_Route)

    @router.get("/models")
    def models() -> JsonObject:
        """List the only model."""
        return {"object": "list", "data": [_MODEL]}

    @router.get("/models/{name}")
    def model(name: str) -> Response:
        """Return the model."""
        if name != MODEL:
            return _error(f"没有模型 {name} (no such model)；只有 {MODEL}", 404, param="model")
        return JSONResponse(_MODEL)

    @router.post("/chat/completions")
    async def complete(request: Request, asked: ChatRequest) -> Response:
        """Answer the last user message from the archive; ``citations`` contains the quotations as data."""
        turns = [message for message in asked.messages if message.role in ("user", "assistant")]
        if not turns or turns[-1].role != "user":
            return _error("最后一条要是 user 的问题 (the last message must be the user's)", param="messages")
        cancellation = Cancellation()
        earlier = _pairs(turns[:-1])
        stream = partial(site.stream, turns[-1].text, earlier, person=person(request))
        try:
            site.workers.admit()
            events = await anyio.to_thread.run_sync(partial(stream, cancellation=cancellation))
        except BaowenError as error:
            return _error(str(error), 503 if isinstance(error, Interrupted) else 400)
        head = {"id": f"chatcmpl-{secrets.token_hex(8)}", "created": int(time.time()), "model": MODEL}
        read = [*(text for pair in earlier for text in pair), turns[-1].text]
        reply = _Reply(site, events, cancellation, request, read, asked.usage_wanted, head)
        if asked.stream:
            return StreamingResponse(reply.streamed(), media_type="text/event-stream")
        return await reply.whole()

    for other in ("", "/{path:path}"):
        router.add_api_route(other, _other, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)

    return router


def _other(request: Request, path: str = "") -> Response:
    """The error for other endpoints of OpenAI's API."""
    return _error(f"没有 {request.method} /v1/{path} (no such endpoint)", 404)


def _error(message: str, status: int = 400, param: str | None = None) -> Response:
    return JSONResponse(problem(message, status, param), status)


def _pairs(turns: Sequence[RequestMessage]) -> list[tuple[str, str]]:
    """Earlier questions with their answers, shortened to what a follow-up may refer to."""
    return [
        (first.text[:_REMEMBERED], second.text[:_REMEMBERED])
        for first, second in pairwise(turns)
        if (first.role, second.role) == ("user", "assistant")
    ]


def _usage(generator: Generator, read: Sequence[str], content: str) -> dict[str, int] | None:
    if not isinstance(generator, CountsTokens):
        return None
    prompt, completion = sum(map(generator.tokens, read)), generator.tokens(content)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _content(answer: Answer) -> str:
    return "\n".join([answer.text, *([""] if answer.citations else []), *references(answer.as_dict())])


def _citations(answer: Answer) -> list[JsonObject]:
    found = []
    for citation in answer.citations:
        article = citation.passage.article
        names = ("id", "title", "paper", "date", "page")
        where = {name: getattr(article, name) for name in names}
        span = {"number": citation.number, "quote": citation.quote, "start": citation.start, "end": citation.end}
        found.append(span | {"article": where})
    return found
