"""How likely two reports are on the same matter: a logistic regression over what they share.

``matter.json`` has its weights for each set of signals, since an archive may have no names, and another embedder's
cosines mean something else; how it was fitted is in ``training/README.md``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from .likeness import Profile, alike_in

FITTED_FOR = "packaged:multilingual-e5-small"  # the embedder whose cosines the weights of ``close`` are for
_MAIN = 10  # words with the highest weights, among which each report has the other's first
_FARTHEST = 14  # days apart, from which more make no difference; the labelled reports are of few weeks


@dataclass(frozen=True)
class Signals:
    """What two reports share.

    ``words``: cosine of their rare words. ``main``: 1 if each has the other's main word among its first words, else 0.
    ``overlap``: square root of the overlap of their shingles. ``days``: logarithm of the days between them, of at most
    ``_FARTHEST``. ``names``: logarithm of the weights of shared names; None if one report has no names. ``close``:
    cosine of the beginning of one with the nearest passage of the other; None if it was not measured with
    ``FITTED_FOR``.
    """

    words: float
    main: float
    overlap: float
    days: float
    names: float | None
    close: float | None

    @classmethod
    def of(cls, a: Profile, b: Profile, overlap: float, days: int, close: float | None) -> Signals:
        """Return the signals of two reports, given the overlap of their shingles and the days between them."""
        first, second = list(a.words)[:_MAIN], list(b.words)[:_MAIN]
        main = bool(first and second) and first[0] in second and second[0] in first
        named = any(a.names.values()) and any(b.names.values())
        names = math.log1p(sum(weight for name, weight in a.names.items() if name in b.names)) if named else None
        apart = math.log1p(min(abs(days), _FARTHEST))
        return cls(alike_in(a, b)[0], float(main), math.sqrt(overlap), apart, names, close)

    def available(self) -> dict[str, float]:
        """Return the signals that there are, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Weights:
    """One regression: the weight of each signal, the bias, and the least likelihood of reports on one matter."""

    signals: Mapping[str, float]
    bias: float
    least: float


def likelihood(signals: Signals) -> float | None:
    """Return how likely two reports are on the same matter, from 0 to 1; None if it is too little to say so."""
    held = signals.available()
    weights = fitted()[" ".join(sorted(held))]
    likely = 1 / (1 + math.exp(-weights.bias - sum(weight * held[name] for name, weight in weights.signals.items())))
    return likely if likely >= weights.least else None


@cache
def fitted() -> dict[str, Weights]:
    """Return the packaged weights by the names of the signals that are available."""
    held = json.loads(resources.files(__package__).joinpath("matter.json").read_text("utf-8"))
    return {names: Weights(**weights) for names, weights in held.items()}
