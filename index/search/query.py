"""Queries written by programs: conditions that are added to what a person typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .parser import parse


def quoted(text: str) -> str:
    r"""``text`` as a phrase of the query language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def narrowed(query: str, fields: Mapping[str, Any]) -> str:
    """``query`` within fields: 版 → 3, 报名 → 江州日报; those that are None, empty or ``..`` are left out.

    Raises:
        QueryError: the query cannot be read; found before anything is added, so that the place is right.
    """
    parse(query)
    added = [
        f"{name}:{value if name in ('日期', '版') else quoted(str(value))}"
        for name, value in fields.items()
        if value not in (None, "", "..")
    ]
    return " ".join([f"({query})", *added]) if added else query
