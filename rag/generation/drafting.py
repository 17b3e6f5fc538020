"""What the language model says to what it reads."""

from __future__ import annotations

import math
import re
from collections.abc import Generator as Steps
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rag.clock import Clock
from rag.generators import Generator, Message, Piece
from rag.results import Event, Token

from .context import harmless

_RUNS_ON = re.compile(r"(.{6,40}?)\1\1")  # a small model may say the same thing again and again
_ENDED = re.compile(r"[。！？!?\n]\s*$")
_SENTENCES = 3


@cache
def prompt(name: str) -> str:
    """The text of a prompt file."""
    return resources.files("rag").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8").strip()


def messages(question: str, read: str, name: str = "question") -> list[Message]:
    """The chat that the model continues.

    Args:
        read: what it reads, as ``context`` gives it.
        name: the prompt file; all of them begin alike, so that what was read need not be read again.
    """
    asked = prompt(name).format(evidence=read, question=harmless(question))
    return [{"role": "system", "content": prompt("answer")}, {"role": "user", "content": asked}]


@dataclass(frozen=True)
class Draft:
    """What the model said; ``sureness``: the least log-probability of its pieces that the question does not have."""

    text: str
    sureness: float


def drafted(model: Generator, question: str, read: str, clock: Clock, most: int) -> Steps[Event, None, Draft]:
    """Let the model answer, token by token; the answer without what it repeats."""
    written, ended, sureness = "", 0, 0.0
    reply = model.stream(messages(question, read), most)
    try:
        for piece in reply:
            if piece:
                clock.token()
            written += piece
            if isinstance(piece, Piece) and piece not in question and piece.strip("，。、：“”"):
                sureness = min(sureness, math.log(max(piece.probability, 1e-6)))
            yield Token(str(piece))
            ended += bool(piece and _ENDED.search(written))
            if ended >= _SENTENCES or clock.over or _RUNS_ON.search(written):
                break
    finally:
        _stop(reply)
    return Draft(_RUNS_ON.sub(r"\1", written).strip(), sureness)


def copied(model: Generator, question: str, read: str, clock: Clock) -> Steps[Event, None, str]:
    """Let the model copy the sentence that answers the question, after it has answered: nothing is read again."""
    written = ""
    reply = model.stream(messages(question, read, "copy"), _LONGEST_COPY)
    try:
        for piece in reply:
            written += piece
            yield Token("")
            if clock.over or (len(written) > _SHORTEST_COPY and _ENDED.search(written)):
                break
    finally:
        _stop(reply)
    return written.strip()


def _stop(reply: Iterator[str]) -> None:
    """Stop the model, where it is not done."""
    if close := getattr(reply, "close", None):
        close()


_LONGEST_COPY = 100  # tokens
_SHORTEST_COPY = 10  # characters, before which a stop ends no sentence
