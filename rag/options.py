"""The keyword arguments of ``retrieve`` and ``ask``, defined once for every function that passes them on."""

from __future__ import annotations

from index.storage.store import Filter

from .query.validation import Conditions, DayGiven
from .serving.cancellation import Cancellation


class SearchOptions(Conditions, total=False):
    """Those of ``Archive.search``: the filter, whole as ``where`` or condition by condition, and the day of asking."""

    where: Filter | None
    as_of: DayGiven | None
    read_dates: bool


class AskOptions(SearchOptions, total=False):
    """Those of ``Archive.stream``: besides, who asks and what can end the answer."""

    person: str
    cancellation: Cancellation | None
