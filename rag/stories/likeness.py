"""Measures how similar two reports are, by the rare words and names that they share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from index.article import Article
from index.storage.store import Store
from index.text.words import words

_READ = 2000  # characters of the body; the beginning says what a report is about
_WORDS = 60  # words with the highest weights
_SHORTEST = 2  # characters of a word
_IN_WORDS = 0.6  # weight of words as against names; set by eye, since fitted weights do no better

WordWeights = Mapping[str, float]


@dataclass(frozen=True)
class Profile:
    """The words and the names of a report with their weights; rarer ones in the archive weigh more."""

    words: WordWeights
    names: WordWeights

    @classmethod
    def of(cls, article: Article, number: int, store: Store) -> Profile:
        """Return the profile of a report, given the article and its number."""
        counts = Counter(word for word in words(f"{article.heading}\n{article.body[:_READ]}") if len(word) >= _SHORTEST)
        held = store.documents_with(list(counts))
        total = max(1, store.stamp.passages)
        weighed = {word: math.sqrt(count) * math.log((total + 1) / (held[word] + 1)) for word, count in counts.items()}
        best = dict(sorted(weighed.items(), key=lambda entry: -entry[1])[:_WORDS])
        articles = max(1, store.stamp.articles)
        frequencies = store.search.named_in(number)
        named = {name: math.log((articles + 1) / (count + 1)) for name, count in frequencies.items()}
        return cls(_unit(best), named)


def likeness(a: Profile, b: Profile) -> float:
    """Return the similarity of two reports, from 0 (nothing in common) to 1 (the same words and names)."""
    words, names = alike_in(a, b)
    if not (any(a.names.values()) and any(b.names.values())):  # one of them has no names
        return words
    return _IN_WORDS * words + (1 - _IN_WORDS) * names


def alike_in(a: Profile, b: Profile) -> tuple[float, float]:
    """Return the cosine of two reports' words, and the weighted overlap coefficient of their names."""
    cosine = sum(weight * b.words.get(word, 0.0) for word, weight in a.words.items())
    least = min(sum(a.names.values()), sum(b.names.values()))
    common = sum(weight for name, weight in a.names.items() if name in b.names)
    return cosine, common / least if least else 0.0


def shared(a: Profile, b: Profile, most: int = 6) -> list[str]:
    """Return the names and then the words that two reports share, those with the highest weights first."""
    common = {name: weight for name, weight in a.names.items() if name in b.names}
    both = {word: weight * b.words[word] for word, weight in a.words.items() if word in b.words}
    names = sorted(common, key=lambda name: -common[name])[: most // 2]
    more = [word for word in sorted(both, key=lambda word: -both[word]) if word not in names]
    return [*names, *more][:most]


def _unit(weights: WordWeights) -> WordWeights:
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}
