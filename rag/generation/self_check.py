"""Asks the language model itself to compare a draft or a claim with its context.

Does the context contain the answer, is the draft that answer, does it agree with a claim? The context is already
cached, so each check takes a fraction of a second. The packaged model was trained for this (rag/llm/adapter.py);
other models say yes too often.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from index.article import Article
from index.text.passages import sentences
from rag.llm import ChatMessage, Generator
from rag.llm.adapter import adapter
from rag.llm.prompts import prompt, without_chat_marks
from rag.results import Passage
from rag.verification.evidence import select

from .context import context
from .drafting import chat, messages

_YES_NO = re.compile(r"“(.+?)”或“(.+?)”")
_SURE = 1e-4  # keeps the logarithm finite


@dataclass(frozen=True)
class SelfCheck:
    """A yes-or-no question to the language model."""

    name: str
    messages: list[ChatMessage]
    answers: tuple[str, str]  # yes first


@cache
def _orders() -> dict[str, str]:
    """The instructions for the model, by the check's name."""
    lines = (line.partition(" ") for line in prompt("checks").splitlines())
    return {name: order for name, _, order in lines}


def _answers(order: str) -> tuple[str, str]:
    yes, no = _YES_NO.findall(order)[-1]
    return yes, no


def has(question: str, read: str) -> SelfCheck:
    """Return the check whether the context contains the answer to a question."""
    order = _orders()["has"]
    return SelfCheck("has", messages(question, read, order), _answers(order))


def fits(question: str, read: str, draft: str) -> SelfCheck:
    """Return the check whether a draft agrees with the context and answers the question."""
    order = _orders()["fits"]
    asked = messages(question, read, order.replace("{written}", without_chat_marks(draft)))
    return SelfCheck("fits", asked, _answers(order))


def agrees(claim: str, read: str) -> SelfCheck:
    """Return the check whether the context agrees with a claim."""
    order = _orders()["agrees"]
    asked = chat(prompt("claim").format(evidence=read, claim=without_chat_marks(claim), order=order))
    return SelfCheck("agrees", asked, _answers(order))


def log_odds(model: Generator, check: SelfCheck) -> Mapping[str, float]:
    """Return the log-odds of a yes by the check's name; empty if the backend gives no probabilities."""
    chances = model.choice(check.messages, check.answers)
    if chances is None:
        return {}
    return {check.name: math.log((chances[0] + _SURE) / (chances[1] + _SURE))}


def self_check(model: Generator, question: str, read: str, draft: str) -> Mapping[str, float]:
    """Return the log-odds of ``has`` (the context contains the answer) and ``fits`` (the draft is the answer)."""
    return {**log_odds(model, has(question, read)), **log_odds(model, fits(question, read, draft))}


def attests(model: str) -> bool:
    """Return whether the model with this name was trained for ``attest``."""
    return adapter(model) is not None


def attest(model: Generator, characters: int, claim: str, articles: Sequence[Article]) -> Mapping[str, float]:
    """Return the log-odds of ``agrees`` (the articles agree with the claim); empty if the model was not trained for it.

    Args:
        characters: how much of the articles is read, around the sentences that share most with the claim.
    """
    if not attests(model.name):
        return {}
    return log_odds(model, agrees(claim, context([p for a in articles for p in _nearest(claim, a)], characters)))


def _nearest(claim: str, article: Article) -> list[Passage]:
    body = article.body
    spans = sentences(body)
    chosen = select(claim, [body[span.start : span.end] for span in spans])
    places = [(spans[place].start, spans[place].end) for place in chosen] or [(0, len(body))]
    return [Passage(body[start:end], 0.0, start, end, article) for start, end in places]
