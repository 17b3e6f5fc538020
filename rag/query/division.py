"""Divides questions that ask for several things: a trained classifier says which may, the language model divides them.

Code checks the result: the parts together ask what the question asks, and add nothing.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from index.models.pair import PairModel, TokenStates
from index.text.folding import folded
from index.text.words import QUESTION_WORDS, names, tagged
from index.types import Float32
from rag.llm import ChatMessage, Generator
from rag.llm.prompts import without_chat_marks
from rag.llm.replies import short_reply, with_examples

from .rewriting import adds_nothing, asks, numbers

log = logging.getLogger(__name__)

WEIGHTS = "division.npz"
COURSE = "经过"  # the label of a matter whose course is asked for, in the prompt file's examples
UNDIVIDED = "只问一件"
_MOST_PARTS = 4
_MAX_TOKENS = 160


@dataclass(frozen=True)
class SubQuestion:
    """A question for one of the things that a question asks for; ``label`` says for which."""

    label: str
    question: str


@dataclass(frozen=True)
class Division:
    """``parts``: the questions to ask one by one; ``topic``: the matter whose course is asked for; or neither."""

    parts: tuple[SubQuestion, ...] = ()
    topic: str = ""


def pooled(states: TokenStates) -> Float32:
    """Return the mean and the maximum of a question's states."""
    return np.concatenate([states.states.mean(axis=0), states.states.max(axis=0)])


def may_divide(pair: PairModel, question: str) -> bool:
    """Return whether a question may ask for several things, or for a matter's course, by the trained classifier."""
    states = pair.states(question)
    if states is None or (classifier := _classifier()) is None:
        return False
    weights, bias = classifier
    return float(pooled(states) @ weights + bias) > 0


@cache
def _classifier() -> tuple[Float32, float] | None:
    """The weights and the bias of a logistic regression; the bias contains the threshold.

    None if they cannot be read, which is logged.
    """
    try:
        with np.load(io.BytesIO(resources.files(__package__).joinpath(WEIGHTS).read_bytes())) as stored:
            return stored["weights"].astype(np.float32), float(stored["bias"])
    except (OSError, ValueError, KeyError) as error:
        log.warning("没有分题的权重 %s，问题不分开查 (questions are not divided): %s", WEIGHTS, error)
        return None


def messages(question: str) -> list[ChatMessage]:
    """Return the chat that the model continues with the parts of a question."""
    return with_examples("divide", 1, without_chat_marks(" ".join(question.split())))


def divided(model: Generator, question: str) -> Division:
    """Return the parts of a question; none if it asks for one thing, or the model's parts fail the check."""
    return read_division(short_reply(model, messages(question), _MAX_TOKENS, _ended), question)


def _ended(written: str) -> bool:
    return "\n\n" in written or written.count("\n") > _MOST_PARTS


def read_division(reply: str, question: str) -> Division:
    """Return the model's reply as a division, if it adds nothing to the question and leaves nothing out."""
    lines = [line.strip() for line in reply.split("\n\n")[0].splitlines() if line.strip()]
    split = (line.partition("：") for line in lines)
    parts = tuple(SubQuestion(label.strip(), asked.strip()) for label, _, asked in split)
    if len({part.label for part in parts}) < len(parts):
        parts = tuple(SubQuestion(part.question, part.question) for part in parts)
    if len(parts) == 1 and parts[0].label == COURSE:
        return Division(topic=parts[0].question if _names_matter(parts[0].question, question) else "")
    return Division(parts if _faithful(parts, question) else ())


def _names_matter(topic: str, question: str) -> bool:
    """Whether a topic is less than its question, asks nothing, and has all of its names."""
    return (
        0 < len(topic) < len(question)
        and not asks(topic)
        and _says_no_more(topic, folded(question))
        and all(name in folded(topic) for name in names(question))
    )


def _says_no_more(text: str, source: str) -> bool:
    """Whether all numbers, names and nouns of a text appear in ``source``."""
    nouns = (
        folded(word) for word, tag in tagged(text) if tag[0] == "n" and len(word) > 1 and word not in QUESTION_WORDS
    )
    return adds_nothing(text, source) and all(noun in source for noun in nouns)


def _faithful(parts: tuple[SubQuestion, ...], question: str) -> bool:
    """Whether the parts stand alone and differ, and contain the question's numbers and names and no others."""
    source, together = folded(question), folded(" ".join(part.question for part in parts))
    return (
        2 <= len(parts) <= _MOST_PARTS
        and len({part.question for part in parts} - {question}) == len(parts)
        and all(part.label and asks(part.question) for part in parts)
        and all(_says_no_more(text, source) for part in parts for text in (part.label, part.question))
        and numbers(source) <= numbers(together)
        and all(name in together for name in names(question))
    )
