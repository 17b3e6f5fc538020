"""Variety: one long article must not fill a list of passages that other articles should be seen in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

PER_ARTICLE = 2  # passages of one article; those after it come after the other articles'


def crowding(articles: Sequence[str], may_fill: Callable[[int], bool]) -> list[bool]:
    """For each place of a ranked list whether ``PER_ARTICLE`` passages of its article come before it.

    Args:
        articles: the passages' articles, best first.
        may_fill: whether the article of a place may fill the list.
    """
    seen: dict[str, int] = {}
    found = []
    for place, article in enumerate(articles):
        seen[article] = seen.get(article, 0) + 1
        found.append(seen[article] > PER_ARTICLE and not may_fill(place))
    return found


def filling(articles: Sequence[str]) -> set[str]:
    """Articles that a ranked list lets fill it: more of their passages come before the first of another article."""
    seen: dict[str, int] = {}
    found = set()
    for place, article in enumerate(articles):
        seen[article] = seen.get(article, 0) + 1
        if seen[article] > PER_ARTICLE and any(other not in seen for other in articles[place:]):
            found.add(article)
    return found
