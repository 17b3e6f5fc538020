"""Counts as bars over time, by month, or by year if there are many months."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_MONTHS_SHOWN = 60  # with more months, the bars are years
_YEARS_SHOWN = 300  # with more years, those without hits are left out


@dataclass(frozen=True)
class Bar:
    """The bar of a month or year: hits, height in percent of the highest, first and last day, and link."""

    period: str
    hits: int
    height: float
    since: str
    until: str
    url: str


def days_of(period: str) -> tuple[str, str]:
    """Return the first and the last day of a year or month."""
    year, _, month = period.partition("-")
    last = calendar.monthrange(int(year), int(month or 12))[1]
    return f"{year}-{month or '01'}-01", f"{year}-{month or '12'}-{last:02d}"


def by_time(months: Mapping[str, int]) -> dict[str, int]:
    """Return the counts by month, or by year if there are many, oldest first, including periods without hits."""
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
    """Return the bars for counts by month.

    Args:
        url: returns the URL of the hits between two days.
        since, until: dates already chosen, which limit the bars.
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
    """The months from ``first`` to ``last``."""
    start, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]
