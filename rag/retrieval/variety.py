"""Variety: one long article must not crowd other articles out of a list of passages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

PER_ARTICLE = 2  # passages of one article; further ones come after those of other articles


def crowding(articles: Sequence[str], may_fill: Callable[[int], bool]) -> list[bool]:
    """Return for each position of a ranked list whether ``PER_ARTICLE`` passages of its article come before it.

    Args:
        articles: the ids of the passages' articles, best first.
        may_fill: returns whether the article at a position may have more passages; those are not marked.
    """
    seen: dict[str, int] = {}
    found = []
    for place, article in enumerate(articles):
        seen[article] = seen.get(article, 0) + 1
        found.append(seen[article] > PER_ARTICLE and not may_fill(place))
    return found


def filling(articles: Sequence[str]) -> set[str]:
    """Return articles with more than ``PER_ARTICLE`` passages before another article first appears."""
    seen: dict[str, int] = {}
    found = set()
    for place, article in enumerate(articles):
        seen[article] = seen.get(article, 0) + 1
        if seen[article] > PER_ARTICLE and any(other not in seen for other in articles[place:]):
            found.add(article)
    return found
