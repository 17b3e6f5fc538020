"""Which newspapers a question says to search, as the filters of a search (``index.text.periods`` reads it)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from index.text.periods import read_period
from index.words import folded


@dataclass(frozen=True)
class Narrowing:
    """What was read from a question: ISO dates, both included and each open where None, a page, and its words."""

    since: str | None
    until: str | None
    page: int | None
    phrase: str

    def as_dict(self) -> dict[str, str | int | None]:
        """As JSON values."""
        return {"since": self.since, "until": self.until, "page": self.page, "phrase": self.phrase}


def read_narrowing(question: str, today: datetime.date, last: datetime.date | None = None) -> Narrowing | None:
    """The publication dates and the page that a question plainly names, or None.

    Args:
        question: as it was asked.
        today: what 昨天 and 上周 are counted from.
        last: the archive's newest issue; a date without a year is the latest such date that is not after it.
    """
    period = read_period(folded(question), today, min(today, last) if last else today)
    if period is None:
        return None
    since, until = (day.isoformat() if day else None for day in (period.since, period.until))
    return Narrowing(since, until, period.page, period.phrase)
