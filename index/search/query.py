"""Queries built by programs: conditions that are added to a user's query."""

from __future__ import annotations

from collections.abc import Mapping

from .expression import Or
from .parser import parse

EVERYTHING = "NOT 版:0"  # matches every article: none is on page 0


def as_phrase(text: str) -> str:
    r"""``text`` as a phrase of the query language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def narrowed(query: str, fields: Mapping[str, object]) -> str:
    """``query`` restricted by fields such as 版 → 3 or 报名 → 江州日报; None, empty values and ``..`` are ignored.

    Raises:
        QueryError: the query cannot be parsed; this is checked first, so that the position in the message is right.
    """
    expression = parse(query)
    added = [
        f"{name}:{value if name in ('日期', '版') else as_phrase(str(value))}"
        for name, value in fields.items()
        if value not in (None, "", "..")
    ]
    if not added:
        return query
    if query == EVERYTHING:
        return " ".join(added)
    return " ".join([f"({query})" if isinstance(expression, Or) else query, *added])


FACET_FIELDS = {
    "year": "日期",
    "month": "日期",
    "paper": "报名",
    "section": "版名",
    "page": "版",
    "reporter": "作者",
    "person": "人物",
    "organisation": "单位",
    "place": "地点",
}  # the query field for the values of each facet
