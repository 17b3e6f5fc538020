"""BM25 as sparse vectors: the weight of each word in each passage, so that all engines rank Chinese alike.

A question has weight 1 for each of its words. The inner product is the score that tantivy gives in a local archive,
except that tantivy rounds lengths; heading and text are scored separately and added.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .schema import dimension_of

_K1, _B = 1.2, 0.75


@dataclass
class FieldFrequencies:
    """The frequencies of words in one field of all passages, and the field's total length."""

    passages: Counter[str] = field(default_factory=Counter)
    length: int = 0

    def count(self, words: Sequence[str]) -> None:
        """Count a passage's words."""
        self.passages.update(set(words))
        self.length += len(words)


@dataclass
class Bm25:
    """The weights of words, available after all passages have been counted."""

    heading: FieldFrequencies = field(default_factory=FieldFrequencies)
    text: FieldFrequencies = field(default_factory=FieldFrequencies)
    passages: int = 0

    def count(self, heading: Sequence[str], text: Sequence[str]) -> None:
        """Count a passage."""
        self.passages += 1
        self.heading.count(heading)
        self.text.count(text)

    def vector(self, heading: Sequence[str], text: Sequence[str]) -> dict[int, float]:
        """A passage's weights by word dimension."""
        weights: dict[int, float] = {}
        for known, words in ((self.heading, heading), (self.text, text)):
            longest = known.length / max(1, self.passages)
            for word, times in Counter(words).items():
                saturated = times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * len(words) / longest))
                place = dimension_of(word)
                weights[place] = weights.get(place, 0.0) + self._rarity(known.passages[word]) * saturated
        return weights

    def common(self) -> Mapping[int, int]:
        """The number of passages that contain each word in the text or the heading, by word dimension."""
        found: dict[int, int] = {}
        for word in self.text.passages.keys() | self.heading.passages.keys():
            place = dimension_of(word)
            times = max(self.text.passages[word], self.heading.passages[word])
            found[place] = max(times, found.get(place, 0))
        return found

    def _rarity(self, passages: int) -> float:
        return math.log(1 + (self.passages - passages + 0.5) / (passages + 0.5))
