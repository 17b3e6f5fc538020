"""What speaks for a question being answered by what is quoted, as one probability."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Learned by benchmarks/answers.py; in the order of ``Answerability``'s fields.
_INTERCEPT, _WEIGHTS = -107.15, (2.411, 1.271, 105.465)


@dataclass(frozen=True)
class Answerability:
    """The log-odds of a yes to «is the answer in it» and to «is this the answer»; mean cosine of the best passages."""

    holds: float
    right: float
    cosine: float

    @property
    def probability(self) -> float:
        """That the question is answered by what is quoted."""
        values = (self.holds, self.right, self.cosine)
        return 1.0 / (1.0 + math.exp(-(_INTERCEPT + sum(w * v for w, v in zip(_WEIGHTS, values, strict=True)))))
