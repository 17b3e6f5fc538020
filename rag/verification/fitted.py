"""Weights and thresholds fitted on data, from one file that records where, when and on what they were fitted."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from index.types import JsonObject


@dataclass(frozen=True)
class Regression:
    """A logistic regression over named signals, with the probability threshold for a yes.

    ``means``: the means of optional signals, used if a backend does not provide them.
    """

    bias: float
    weights: Mapping[str, float]
    threshold: float
    means: Mapping[str, float]

    def probability(self, signals: Mapping[str, float]) -> float:
        """Return the probability of a yes."""
        known = {**self.means, **signals}
        total = self.bias + sum(weight * known[name] for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, total))))


@cache
def _file() -> JsonObject:
    loaded: JsonObject = json.loads(resources.files(__package__).joinpath("fitted.json").read_text("utf-8"))
    return loaded


@cache
def regression(name: str) -> Regression:
    """Return the regression ``name`` in fitted.json."""
    own = _file()[name]
    return Regression(own["bias"], own["weights"], own["threshold"], own.get("means", {}))


@cache
def weight(name: str) -> float:
    """Return a single weight or threshold in fitted.json."""
    return float(_file()[name]["value"])


def clipped(logit: float) -> float:
    """Return a logit clipped to [-8, 8], so that no single one decides alone."""
    return max(-8.0, min(8.0, logit))
