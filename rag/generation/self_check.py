"""What the language model itself thinks of its draft: is the answer in what it read, and is the draft that answer?

It has read all of it already, so each question takes a fraction of a second. One yes or no of a small model says
little; the mean log-odds over two wordings are a signal beside others.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Mapping

from rag.llm import Generator
from rag.llm.prompts import prompt, without_chat_marks

from .drafting import messages

_YES_NO = re.compile(r"“(.+?)”或“(.+?)”")
_SURE = 1e-4  # keeps the logarithm finite
UNKNOWN = {"has": 0.0, "fits": 0.0}  # where a backend gives no probabilities


def self_check(model: Generator, question: str, read: str, draft: str) -> Mapping[str, float]:
    """Mean log-odds of a yes: ``has`` (the answer is in what was read), ``fits`` (the draft is the answer)."""
    found: dict[str, list[float]] = {"has": [], "fits": []}
    for line in prompt("checks").splitlines():
        name, _, check = line.partition(" ")
        yes, no = _YES_NO.search(check).groups()  # type: ignore[union-attr]
        chances = model.choice(
            messages(question, read, check.replace("{written}", without_chat_marks(draft))), [yes, no]
        )
        if chances is None:
            return UNKNOWN
        found[name].append(math.log((chances[0] + _SURE) / (chances[1] + _SURE)))
    return {name: statistics.fmean(odds) for name, odds in found.items()}
