"""What is read of an OpenAI client's request."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel, Field, field_validator

MODEL = "baowen"
_LARGEST = 1 << 20  # bytes of a request


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


class StreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """What is read of a request; null is as good as nothing.

    Sampling options are accepted and have no effect, since answers are checked.
    """

    messages: list[ChatMessage] = Field(min_length=1)
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


def too_large(request: Request) -> str:
    """What is wrong with the length of a request, if anything."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > _LARGEST:
        return f"请求太大 (request too large): {length} 字节，最多 {_LARGEST} 字节"
    return ""
