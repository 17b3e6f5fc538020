"""Compares two searches: their distribution over time, and the words that distinguish them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from index.search.facets import EVERY
from index.text.words import QUESTION_WORDS, words
from index.types import JsonObject
from rag.search.hits import Hits

_READ = 300  # newest reports of each search
_EACH = 600  # characters of each report
_SHOWN = 20


@dataclass(frozen=True)
class Compared:
    """Two searches: hits, hits by month, and the words that occur in more reports of one than of the other.

    ``read``: the number of reports of each search that the words come from.
    """

    queries: tuple[str, str]
    totals: tuple[int, int]
    months: dict[str, tuple[int, int]]
    words: tuple[dict[str, float], dict[str, float]]
    read: tuple[int, int]

    def as_dict(self) -> JsonObject:
        """Return the comparison as JSON values."""
        return dict(vars(self))


def compare(a: Hits, b: Hits) -> Compared:
    """Compare the hits of two queries, both sorted newest first."""
    counts = [hits.facets(["month"], EVERY)["month"] for hits in (a, b)]
    held = [_words(hits) for hits in (a, b)]
    months = {month: (counts[0].get(month, 0), counts[1].get(month, 0)) for month in sorted({*counts[0], *counts[1]})}
    apart = (_apart(*held), _apart(*reversed(held)))
    read = (min(_READ, a.total), min(_READ, b.total))
    return Compared((a.query, b.query), (a.total, b.total), months, apart, read)


def _words(hits: Hits) -> tuple[Counter[str], int]:
    """The number of reports that contain each word, and the number of reports read."""
    counts: Counter[str] = Counter()
    page = hits.page(_READ)
    for hit in page:
        counts.update({w for w in words(hit.article.heading + hit.article.body[:_EACH]) if _tells(w)})
    return counts, len(page)


def _tells(word: str) -> bool:
    return len(word) > 1 and not word.isdigit() and word not in QUESTION_WORDS


def _apart(mine: tuple[Counter[str], int], others: tuple[Counter[str], int]) -> dict[str, float]:
    """The words of one side with their log-odds ratios against the other side, as z-scores.

    See Monroe, Colaresi and Quinn, Fightin' Words (2008); half a report is added to each count.
    """
    (a, n), (b, m) = mine, others
    scores = {}
    for word, count in a.items():
        x, y = count + 0.5, b[word] + 0.5
        odds = math.log(x / (n - count + 0.5)) - math.log(y / (m - b[word] + 0.5))
        scores[word] = round(odds / math.sqrt(1 / x + 1 / y), 3)
    best = sorted((word for word in scores if scores[word] > 0), key=lambda word: -scores[word])
    return {word: scores[word] for word in best[:_SHOWN]}
