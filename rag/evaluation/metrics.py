"""Scores of ranked lists: hit@k, MRR@10 and nDCG@10, each with a bootstrap interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
METRICS = ("hit@1", "hit@3", "hit@5", "hit@10", "mrr@10", "ndcg@10")
_RESAMPLED = 2000


@dataclass(frozen=True)
class Score:
    """A mean over questions with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Return the values, rounded to four decimals."""
        return {"mean": round(self.mean, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def measures(hits: Sequence[bool], relevant: int) -> list[float]:
    """Return the ``METRICS`` of one question.

    Args:
        hits: for each entry of the ranked list, best first, whether it is relevant; only the first ten count.
        relevant: the total number of relevant entries, for nDCG (Järvelin and Kekäläinen, TOIS 2002) with gains
            0 and 1.
    """
    first = next((rank for rank, hit in enumerate(hits[:DEPTH], 1) if hit), None)
    gained = sum(1 / math.log2(rank + 1) for rank, hit in enumerate(hits[:DEPTH], 1) if hit)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(relevant, DEPTH) + 1))
    return [
        *(float(first is not None and first <= k) for k in (1, 3, 5, DEPTH)),
        1 / first if first else 0.0,
        gained / ideal if ideal else 0.0,
    ]


def summarise(rows: Sequence[Sequence[float]]) -> dict[str, Score]:
    """Return the means of ``METRICS`` over questions, with percentile bootstrap intervals (Efron, 1979; seed 0)."""
    table = np.array(rows)
    chosen = np.random.default_rng(0).integers(0, len(table), (_RESAMPLED, len(table)))
    return {name: _score(table[:, column], chosen) for column, name in enumerate(METRICS)}


def _score(values: NDArray[np.float64], chosen: NDArray[np.int64]) -> Score:
    low, high = np.percentile(values[chosen].mean(axis=1), (2.5, 97.5))
    return Score(float(values.mean()), float(low), float(high))
