"""What the language model itself makes of a draft or a claim that it holds against what it read.

Is the answer in it, is the draft that answer, does it agree with a claim? It has read the text already, so each takes a
fraction of a second. What it says is one signal, and what the probes read in its layers another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from index.article import Article
from index.text.passages import sentences
from rag.llm import Generator, Message
from rag.llm.prompts import prompt, without_chat_marks
from rag.results import Passage
from rag.verification.evidence import select
from rag.verification.fitted import clipped

from .context import context
from .drafting import chat, messages
from .probe import probes

_YES_NO = re.compile(r"“(.+?)”或“(.+?)”")
_SURE = 1e-4  # keeps the logarithm finite


@dataclass(frozen=True)
class SelfCheck:
    """A yes-or-no question to the language model.

    ``words``, ``onward``: where its states are probed, as ``Generator.states`` takes them.
    """

    name: str
    messages: list[Message]
    answers: tuple[str, str]  # yes first
    words: str
    onward: bool


@cache
def _orders() -> dict[str, str]:
    """What the model is told to do, by check."""
    lines = (line.partition(" ") for line in prompt("checks").splitlines())
    return {name: order for name, _, order in lines}


def _answers(order: str) -> tuple[str, str]:
    yes, no = _YES_NO.findall(order)[-1]
    return yes, no


def has(question: str, read: str) -> SelfCheck:
    """Whether the answer to a question is in what was read."""
    order = _orders()["has"]
    return SelfCheck("has", messages(question, read, order), _answers(order), without_chat_marks(question), True)


def fits(question: str, read: str, draft: str) -> SelfCheck:
    """Whether a draft agrees with what was read and answers the question."""
    order, draft = _orders()["fits"], without_chat_marks(draft)
    asked = messages(question, read, order.replace("{written}", draft))
    return SelfCheck("fits", asked, _answers(order), draft, False)


def agrees(claim: str, read: str) -> SelfCheck:
    """Whether what was read agrees with a claim."""
    order, claim = _orders()["agrees"], without_chat_marks(claim)
    asked = chat(prompt("claim").format(evidence=read, claim=claim, order=order))
    return SelfCheck("agrees", asked, _answers(order), claim, True)


def log_odds(model: Generator, check: SelfCheck) -> Mapping[str, float]:
    """Log-odds of a yes: what the model says, by the check's name, and what the probe reads, by that and ``_probe``.

    A backend that does not give one of them leaves it out.
    """
    found: dict[str, float] = {}
    if (chances := model.choice(check.messages, check.answers)) is not None:
        found[check.name] = math.log((chances[0] + _SURE) / (chances[1] + _SURE))
    return {**found, **_probed(model, check)}


def _probed(model: Generator, check: SelfCheck) -> Mapping[str, float]:
    """What the probe of a check reads, where there is one and the backend gives its states."""
    probe = probes(model.name).get(check.name)
    if probe and check.words and (held := model.states(check.messages, check.words, check.onward)) is not None:
        return {f"{check.name}_probe": clipped(probe.logit(held))}
    return {}


def self_check(model: Generator, question: str, read: str, draft: str) -> Mapping[str, float]:
    """Of an answer: ``has`` (the answer is in what was read) and ``fits`` (the draft is the answer)."""
    return {**log_odds(model, has(question, read)), **log_odds(model, fits(question, read, draft))}


def attests(model: str) -> bool:
    """Whether ``attest`` can say anything with the model of that name."""
    return "agrees" in probes(model)


def attest(model: Generator, characters: int, claim: str, articles: Sequence[Article]) -> Mapping[str, float]:
    """Of a claim: ``agrees_probe`` (the articles agree with it). What the model says of it pays nothing beside that.

    Args:
        characters: of the articles that are read; those around the sentences that share most with the claim.
    """
    return _probed(model, agrees(claim, context([p for a in articles for p in _nearest(claim, a)], characters)))


def _nearest(claim: str, article: Article) -> list[Passage]:
    body = article.body
    spans = sentences(body)
    chosen = select(claim, [body[span.start : span.end] for span in spans])
    places = [(spans[place].start, spans[place].end) for place in chosen] or [(0, len(body))]
    return [Passage(body[start:end], 0.0, start, end, article) for start, end in places]
