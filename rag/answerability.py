"""What speaks for a question being answered by what is quoted, as one probability."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Learned by benchmarks/answers.py; in the order of ``Answerability``'s fields.
_INTERCEPT, _WEIGHTS = -8.0, (0.35, 0.2, 9.0, 1.0)


@dataclass(frozen=True)
class Answerability:
    """The log-odds of a yes to «is the answer in it» and to «is this the answer»; cosine; words covered by the quotes.

    ``cosine``: mean of the best three passages; ``coverage``: share of the question's words, each by how rare it is.
    """

    holds: float
    right: float
    cosine: float
    coverage: float

    @property
    def probability(self) -> float:
        """That the question is answered by what is quoted."""
        values = (self.holds, self.right, self.cosine, self.coverage)
        return 1.0 / (1.0 + math.exp(-(_INTERCEPT + sum(w * v for w, v in zip(_WEIGHTS, values, strict=True)))))
