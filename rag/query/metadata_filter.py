"""The metadata filter: dates and page that a question names, as read by ``index.text.periods``."""

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
    """Return the publication dates and the page that a question clearly names, or None.

    Args:
        question: the question as asked.
        today: the day that 昨天 and 上周 refer to.
        last: the date of the archive's newest issue; a date without a year is the latest one not after it.
    """
    period = read_period(folded(question), today, min(today, last) if last else today)
    if period is None:
        return None
    since, until = (day.isoformat() if day else None for day in (period.since, period.until))
    return MetadataFilter(since, until, period.page, period.phrase)


def narrowed_by_question(
    question: str, where: Filter, today: datetime.date, last: datetime.date | None
) -> tuple[Filter, MetadataFilter | None]:
    """Return ``where``, with open dates and page filled from the question, and what was read from the question.

    Args:
        question: the question as asked.
        where: the caller's filter; the question only fills what it leaves open.
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
