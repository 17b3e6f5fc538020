"""Asks the language model for a short reply, in the form that a prompt file's examples show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rag.llm import ChatMessage, Generator

from .prompts import prompt


def with_examples(name: str, written: int, asked: str) -> list[ChatMessage]:
    """Return the chat that the model continues: a prompt file's examples as turns, followed by ``asked``.

    Args:
        name: the prompt file; its first paragraph is the instruction, the others are examples.
        written: the line of an example at which the reply begins; -1 for its last line.
    """
    told, *examples = prompt(name).split("\n\n")
    chat: list[ChatMessage] = [{"role": "system", "content": told}]
    for lines in (example.split("\n") for example in examples):
        chat += [
            {"role": "user", "content": "\n".join(lines[:written])},
            {"role": "assistant", "content": "\n".join(lines[written:])},
        ]
    return [*chat, {"role": "user", "content": asked}]


def short_reply(model: Generator, chat: list[ChatMessage], most: int, ended: Callable[[str], bool]) -> str:
    """Return the model's reply; it is stopped once what it has written is ``ended``.

    Args:
        most: tokens.
    """
    written = ""
    pieces = model.stream(chat, most)
    try:
        for piece in pieces:
            written += piece
            if ended(written):
                break
    finally:
        stop(pieces)
    return written.strip()


def stop(pieces: Iterator[str]) -> None:
    """Stop the model if its reply is not finished."""
    if close := getattr(pieces, "close", None):
        close()
