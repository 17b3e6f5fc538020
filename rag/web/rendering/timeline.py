"""Counts by month as bars over time; by year, where the months are many."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_MONTHS_SHOWN = 60  # over more months the bars are of years
_YEARS_SHOWN = 300  # over more years, those without hits are left out


@dataclass(frozen=True)
class Bar:
    """A month or year: its hits, its height in percent of the highest, its first and last day, where it leads."""

    period: str
    hits: int
    height: float
    since: str
    until: str
    url: str


def days_of(period: str) -> tuple[str, str]:
    """The first and the last day of a year or month."""
    year, _, month = period.partition("-")
    last = calendar.monthrange(int(year), int(month or 12))[1]
    return f"{year}-{month or '01'}-01", f"{year}-{month or '12'}-{last:02d}"


def by_time(months: Mapping[str, int]) -> dict[str, int]:
    """The counts by month, or by year where the months are many, oldest first; those between without hits too."""
    if not months:
        return {}
    counts: Mapping[str, int] = months
    periods = _between(min(months), max(months))
    if len(periods) > _MONTHS_SHOWN:
        years: Counter[str] = Counter()
        for month, count in months.items():
            years[month[:4]] += count
        counts, periods = years, list(dict.fromkeys(month[:4] for month in periods))
    if len(periods) > _YEARS_SHOWN:
        periods = sorted(counts)
    return {period: counts.get(period, 0) for period in periods}


def timeline(months: Mapping[str, int], url: Callable[[str, str], str], since: str = "", until: str = "") -> list[Bar]:
    """The bars of counts by month.

    Args:
        url: where the hits from one day to another are listed.
        since, until: the dates chosen before, within which a bar stays.
    """
    counts = by_time(months)
    most = max(counts.values(), default=1) or 1
    bars = []
    for period, hits in counts.items():
        first, last = days_of(period)
        days = max(first, since), min(last, until or last)
        bars.append(Bar(period, hits, round(100 * hits / most, 1), *days, url(*days)))
    return bars


def _between(first: str, last: str) -> list[str]:
    """The months from the one to the other."""
    start, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]
