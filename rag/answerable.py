"""Whether what was read answers the question: the model's own yes or no, asked several ways.

The model is not asked to refuse, which small ones do at the wrong times; it is asked for the probability of a yes, and
a logistic regression over that decides (benchmarks/README.md has its curve).
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import replace

from .answerability import Answerability
from .evidence import harmless
from .generators import Generator
from .prompting import messages, prompt

_YES_NO = re.compile(r"“(.+?)”或“(.+?)”")
_SURE = 1e-6  # keeps the logarithm finite


def judged(
    model: Generator, question: str, read: str, written: str, apart: float, quoted: str, unsure: tuple[float, float]
) -> Answerability | None:
    """Ask the model about its own answer; None where it gives no probabilities.

    Args:
        model: which has just answered, so that what it read is in its cache.
        read: the evidence it was given.
        written: its answer.
        apart: as in ``Answerability``.
        quoted: what the answer cites, as the evidence of a prompt.
        unsure: with a probability between these the model reads the quotations alone too.
    """
    checks = prompt("checks").splitlines()
    verdicts = [prompt("judge").format(written=written, verdict=line) for line in prompt("verdicts").splitlines()]
    holds = _mean(model, question, read, checks)
    right = _mean(model, question, read, [harmless(verdict) for verdict in verdicts])
    if holds is None or right is None:
        return None
    known = Answerability(holds, right, apart)
    least, most = unsure
    if not least <= known.probability < most:
        return known
    return replace(known, quoted=_mean(model, question, quoted, checks))


def _mean(model: Generator, question: str, read: str, checks: Sequence[str]) -> float | None:
    """Mean log-odds of a yes; one wording's moves with the wording (benchmarks/README.md)."""
    said = [_log_odds(model, question, read, check) for check in checks]
    odds = [value for value in said if value is not None]
    return statistics.fmean(odds) if len(odds) == len(said) else None


def _log_odds(model: Generator, question: str, read: str, check: str) -> float | None:
    answers = list(_YES_NO.finditer(check))[-1].groups()  # the last, for an answer that stands before may hold more
    chances = model.choice(messages(question, read, check), answers)
    if chances is None:
        return None
    yes, no = chances
    return math.log((yes + _SURE) / (no + _SURE))
