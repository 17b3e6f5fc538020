"""The keyword arguments of ``retrieve`` and ``ask``, defined once for every function that passes them on."""

from __future__ import annotations

from index.storage.store import Filter

from .query.validation import Conditions, DayGiven
from .serving.cancellation import Cancellation


class SearchOptions(Conditions, total=False):
    """Keyword arguments of ``Archive.search``: a filter, complete or as single conditions, and how to read dates."""

    where: Filter | None
    as_of: DayGiven | None
    read_dates: bool


class AskOptions(SearchOptions, total=False):
    """Keyword arguments of ``Archive.stream``: also who asks, and what can end the answer."""

    person: str
    cancellation: Cancellation | None
