"""Figures that are told of several things at once: 「甲、乙分别增长5%、6%」tells 6% of 乙 alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from index.words import naming_words

from .abbreviations import says
from .numerals import read_numbers

_AND = "、和与及"
_LISTED = re.compile(
    rf"(?P<things>(?:[^,。;:{_AND}]{{1,16}}[{_AND}])+[^,。;:{_AND}]{{1,24}})(?:,[^。;:、]{{0,24}}?)?分别"
    rf"[^\d。;]{{0,8}}(?P<figures>(?:\d[^,。;{_AND}]{{0,10}}[,{_AND}])+\d[^,。;{_AND}]{{0,10}})"
)
_NEAR = 8  # characters of the first and the last thing, which have no mark before or behind them


def of_others(plain: str, said: str, numbers: Collection[str]) -> bool:
    """Whether ``plain`` tells one of these numbers, in a list of figures, of a thing that is not in ``said``.

    Args:
        plain: plain text of the newspaper.
        said: plain text of a question and its answer.
        numbers: by value.
    """
    return any(
        any(number.value in numbers for number in read_numbers(figure))
        and not any(says(said, word) for word in naming_words(thing, adverbs=False))
        for thing, figure in _told_together(plain)
    )


def _told_together(plain: str) -> Iterator[tuple[str, str]]:
    """Each thing with its own figure, where there are as many of both."""
    for listed in _LISTED.finditer(plain):
        first, *between, last = re.split(f"[{_AND}]", listed["things"])
        figures = re.split(f"[,{_AND}]", listed["figures"])
        things = [first[-_NEAR:], *between, last[:_NEAR]]
        if len(things) == len(figures):
            yield from zip(things, figures, strict=True)
