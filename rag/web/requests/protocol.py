"""The parts of OpenAI's protocol that are read from requests."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, Field, field_validator
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive

from index.types import JsonObject

MODEL = "baowen"
_LARGEST = 1 << 20  # bytes of a request
_OURS = re.compile(r"(?:/archives/[^/]+)?/v1(?:/.*)?")


def problem(message: str, status: int, param: str | None = None) -> JsonObject:
    """Return an error object in the format of OpenAI's API."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": None}}


def nothing(path: str) -> Response:
    """Return a 404 response, in OpenAI's format below ``/v1``; the same for hidden and missing archives."""
    if _OURS.fullmatch(path):
        return JSONResponse(problem("没有这个地址 (no such endpoint)", 404), 404)
    return JSONResponse({"detail": "Not Found"}, 404)


class RequestMessage(BaseModel):
    """A turn of the conversation; the content is text, or a list of parts whose text is used."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[JsonObject] | None = ""

    @property
    def text(self) -> str:
        """The text of the message."""
        if isinstance(self.content, list):
            return "\n".join(str(part.get("text") or "") for part in self.content if part.get("type") == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """Options for streaming."""

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """The fields of a request that are used; null means the default.

    Sampling options are accepted and have no effect, since answers are checked.
    """

    messages: list[RequestMessage] = Field(min_length=1)
    model: str | None = MODEL
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = 1

    @field_validator("n")
    @classmethod
    def _one(cls, n: int | None) -> int | None:
        if n not in (None, 1):
            raise ValueError("只给一个回答 (only n=1)")
        return n

    @property
    def usage_wanted(self) -> bool:
        """Whether a stream ends with the usage."""
        return bool(self.stream_options and self.stream_options.include_usage)


class LimitedBody:
    """Reads a request body up to a limit; ``problem`` says that it was exceeded."""

    def __init__(self, receive: Receive) -> None:
        self.problem = ""
        self._receive = receive
        self._size = 0

    async def __call__(self) -> Message:
        """Return the next part.

        Raises:
            ValueError: the limit was exceeded.
        """
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > _LARGEST:
            self.problem = f"请求太大，最多 {_LARGEST} 字节 (request too large)"
            raise ValueError(self.problem)
        return message
