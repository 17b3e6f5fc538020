"""Prompts the language model and reads its draft answer."""

from __future__ import annotations

import re
from collections.abc import Generator as Steps
from functools import cache

from rag.llm import ChatMessage, Generator
from rag.llm.prompts import prompt, without_chat_marks
from rag.llm.replies import stop
from rag.query.answer_type import answer_type
from rag.results import Event, Token
from rag.serving.stopwatch import Stopwatch

_RUNS_ON = re.compile(r"(.{6,40}?)\1\1")  # a small model may repeat itself
_ENDED = re.compile(r"[。！？!?\n]\s*$")
_SENTENCES = 3


@cache
def _instructions() -> dict[str, str]:
    """The instructions for answering, by answer type."""
    lines = (line.partition(" ") for line in prompt("how").splitlines())
    return {name: instruction for name, _, instruction in lines}


def messages(question: str, read: str, order: str | None = None) -> list[ChatMessage]:
    """Return the chat that the model continues. The context comes first, so that its cache serves other orders.

    Args:
        read: the context, as returned by ``context``.
        order: what to do with the question; None: answer it in the form of its answer type.
    """
    order = _instructions()[answer_type(question)] if order is None else order
    asked = prompt("question").format(evidence=read, question=without_chat_marks(question), order=order)
    return chat(asked)


def chat(asked: str) -> list[ChatMessage]:
    """Return the chat with a prompt about a text, after the common system message."""
    return [{"role": "system", "content": prompt("answer")}, {"role": "user", "content": asked}]


def drafted(model: Generator, question: str, read: str, stopwatch: Stopwatch, most: int) -> Steps[Event, None, str]:
    """Yield the model's answer token by token; return it without repetitions."""
    written, ended = "", 0
    reply = model.stream(messages(question, read), most)
    try:
        for piece in reply:
            if piece:
                stopwatch.token()
            written += piece
            yield Token(piece)
            ended += bool(piece and _ENDED.search(written))
            if ended >= _SENTENCES or stopwatch.over or _RUNS_ON.search(written):
                break
    finally:
        stop(reply)
    return _RUNS_ON.sub(r"\1", written).strip()
