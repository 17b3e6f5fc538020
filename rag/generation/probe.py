"""Linear probes: what the language model knows of what it read, though it does not say so.

Asked whether a text answers a question, a small model says yes too often, while the states of its layers tell the two
apart (Orgad et al., "LLMs Know More Than They Show", ICLR 2025). A probe is a logistic regression on those states;
``training/probe.py`` makes them for the packaged model, and they are of no use to any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

FILE = "probes.npz"


@dataclass(frozen=True)
class Probe:
    """A logistic regression on states (layers, hidden)."""

    weights: NDArray[np.float32]
    bias: float

    def logit(self, states: NDArray[np.float32]) -> float:
        """The log-odds of a yes."""
        return float((self.weights * states).sum() + self.bias)


@cache
def probes(model: str) -> dict[str, Probe]:
    """The probes by their check in ``prompts/checks.txt``; none for a model that they were not fitted on."""
    with resources.files(__package__).joinpath(FILE).open("rb") as file, np.load(file) as arrays:
        if str(arrays["model"]) != model:
            return {}
        names = [name for name in arrays.files if name != "model" and not name.endswith(".bias")]
        return {name: Probe(arrays[name].astype(np.float32), float(arrays[f"{name}.bias"])) for name in names}
