"""Metadata filter: the dates and the page that a question names (``index.text.periods`` reads them)."""

from __future__ import annotations

import datetime

from index.text.periods import read_period
from index.text.words import folded
from rag.results import MetadataFilter


def read_metadata_filter(
    question: str, today: datetime.date, last: datetime.date | None = None
) -> MetadataFilter | None:
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
    return MetadataFilter(since, until, period.page, period.phrase)
