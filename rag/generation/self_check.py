"""What the language model itself makes of its draft: is the answer in what it read, and is the draft that answer?

It has read all of it already, so each question takes a fraction of a second. What it says is one signal, and what the
probes read in its layers another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from rag.llm import Generator
from rag.llm.prompts import prompt, without_chat_marks
from rag.verification.fitted import clipped

from .drafting import messages
from .probe import probes

_YES_NO = re.compile(r"“(.+?)”或“(.+?)”")
_SURE = 1e-4  # keeps the logarithm finite


@cache
def checks() -> list[tuple[str, str, list[str]]]:
    """The checks of the prompt file: name, what the model is told to do, and its two answers, yes first."""
    lines = (line.partition(" ") for line in prompt("checks").splitlines())
    return [(name, order, list(_YES_NO.search(order).groups())) for name, _, order in lines]  # type: ignore[union-attr]


def self_check(model: Generator, question: str, read: str, draft: str) -> Mapping[str, float]:
    """Log-odds of a yes: ``has`` (the answer is in what was read) and ``fits`` (the draft is the answer).

    Of both what the model says and, as ``has_probe`` and ``fits_probe``, what the probes read; a backend that does not
    give one of them leaves it out.
    """
    found: dict[str, float] = {}
    for name, order, answers in checks():
        asked = messages(question, read, order.replace("{written}", without_chat_marks(draft)))
        if (chances := model.choice(asked, answers)) is not None:
            found[name] = math.log((chances[0] + _SURE) / (chances[1] + _SURE))
        probe = probes(model.name).get(name)
        if probe and (states := model.states(asked)) is not None:
            found[f"{name}_probe"] = clipped(probe.logit(states))
    return found
