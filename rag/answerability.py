"""What speaks for a question being answered by what is quoted, as one probability."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

# Learned by benchmarks/answers.py: intercept, and weights in the order of ``Answerability``'s fields.
_FIRST_LOOK = (-5.485, (1.442, 1.365, -4.564))
_SECOND_LOOK = (-5.977, (0.722, 1.208, -4.689, 1.224))


@dataclass(frozen=True)
class Answerability:
    """What is known of an answer.

    ``holds``: the log-odds of a yes to «is the answer in it», mean of several wordings. ``right``: the same of «is this
    the answer». ``apart``: where articles had to be put together to support a sentence, the share of the question's
    words that the one with the answer does not hold. ``quoted``: as ``holds``, of the quotations alone; None where the
    others left no doubt, so that it was not asked.
    """

    holds: float
    right: float
    apart: float
    quoted: float | None = None

    @property
    def probability(self) -> float:
        """That the question is answered by what is quoted."""
        intercept, weights = _FIRST_LOOK if self.quoted is None else _SECOND_LOOK
        known = (value for value in astuple(self) if value is not None)
        return 1.0 / (1.0 + math.exp(-(intercept + sum(w * v for w, v in zip(weights, known, strict=True)))))
