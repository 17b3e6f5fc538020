"""Whether what was read answers the question: the model's own yes or no, asked several ways.

The model is not asked to refuse, which small ones do at the wrong times; it is asked for the probability of a yes, and
a logistic regression over that decides (benchmarks/README.md has its curve).
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence

from .generators import Generator, Message

_YES_NO = re.compile(r"“(.+?)”或“(.+?)”")
_SURE = 1e-6  # keeps the logarithm finite


def log_odds(model: Generator, chat: Sequence[Message], asked: str, checks: Sequence[str]) -> float | None:
    """The mean log-odds of a yes to each of ``checks``: one wording's move with the wording (benchmarks/README.md).

    None where the model gives no probabilities.

    Args:
        model: which has just answered, so that what it read is in its cache.
        chat: what it was asked.
        asked: the end of that, which called for the answer and is replaced by each of ``checks``.
        checks: questions to be answered yes or no, in that order, both in quotes.
    """
    said = [_log_odds(model, chat, asked, check) for check in checks]
    odds = [value for value in said if value is not None]
    return statistics.fmean(odds) if len(odds) == len(said) else None


def _log_odds(model: Generator, chat: Sequence[Message], asked: str, check: str) -> float | None:
    match = list(_YES_NO.finditer(check))[-1]
    *before, last = chat
    content = last["content"].removesuffix(asked) + check
    chances = model.choice([*before, {"role": last["role"], "content": content}], match.groups())
    if chances is None:
        return None
    yes, no = chances
    return math.log((yes + _SURE) / (no + _SURE))
