"""Queries written by programs: conditions that are added to what a person typed."""

from __future__ import annotations

from collections.abc import Mapping

from .expression import Or
from .parser import parse

EVERYTHING = "NOT 版:0"  # fits every article: none is on a page 0


def quoted(text: str) -> str:
    r"""``text`` as a phrase of the query language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def narrowed(query: str, fields: Mapping[str, object]) -> str:
    """``query`` within fields: 版 → 3, 报名 → 江州日报; those that are None, empty or ``..`` are left out.

    Raises:
        QueryError: the query cannot be read; found before anything is added, so that the place is right.
    """
    expression = parse(query)
    added = [
        f"{name}:{value if name in ('日期', '版') else quoted(str(value))}"
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
}  # which field of a query asks for the values of a facet
