"""Metadata filter: the dates and the page that a question names (``index.text.periods`` reads them)."""

from __future__ import annotations

import datetime
from dataclasses import replace

from index.storage.store import Filter
from index.text.folding import folded
from index.text.periods import read_period
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


def narrowed(
    question: str, where: Filter, today: datetime.date, last: datetime.date | None
) -> tuple[Filter, MetadataFilter | None]:
    """``where`` with the dates and the page that the question names and ``where`` leaves open; and what was read.

    Args:
        question: as it was asked.
        where: what the caller asked for, which the question does not change.
        today: as for ``read_metadata_filter``.
        last: as for ``read_metadata_filter``.
    """
    read = read_metadata_filter(question, today, last)
    if read and (where.since or where.until):
        read = replace(read, since=None, until=None)
    if read and where.page is not None:
        read = replace(read, page=None)
    if read is None or (read.since, read.until, read.page) == (None, None, None):
        return where, None
    found = {name: value for name in ("since", "until", "page") if (value := getattr(read, name)) is not None}
    return replace(where, **found), read
