"""What speaks for a question being answered by what is quoted, as one probability."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Learned by benchmarks/answers.py; in the order of ``Answerability``'s fields.
_INTERCEPT, _WEIGHTS = -5.485, (1.442, 1.365, -4.564)


@dataclass(frozen=True)
class Answerability:
    """What is known of an answer.

    ``holds``: the log-odds of a yes to «is the answer in it», mean of several wordings. ``right``: the same of «is this
    the answer». ``apart``: where articles had to be put together to support a sentence, the share of the question's
    words that the one with the answer does not hold.
    """

    holds: float
    right: float
    apart: float

    @property
    def probability(self) -> float:
        """That the question is answered by what is quoted."""
        values = (self.holds, self.right, self.apart)
        return 1.0 / (1.0 + math.exp(-(_INTERCEPT + sum(w * v for w, v in zip(_WEIGHTS, values, strict=True)))))
