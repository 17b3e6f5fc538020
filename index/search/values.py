"""The fields of a search query, and the values of dates and pages."""

from __future__ import annotations

import calendar
import re
from typing import Literal

from index.text.folding import fold

from .expression import Dates, Pages, Part, ValueKind

Field = Part | ValueKind | Literal["page", "date"]

NAMES: dict[Field, tuple[str, ...]] = {
    "title": ("题名", "标题", "title"),
    "body": ("正文", "body", "text"),
    "reporter": ("作者", "记者", "author", "reporter"),
    "paper": ("报名", "报纸", "paper"),
    "page": ("版", "版次", "page"),
    "section": ("版名", "section"),
    "date": ("日期", "date"),
    "person": ("人物", "person"),
    "organisation": ("单位", "机构", "organisation", "organization", "org"),
    "place": ("地点", "place"),
}
_BY_NAME: dict[str, Field] = {fold(name): field for field, names in NAMES.items() for name in names}
_DATE = re.compile(r"(?P<year>\d{4})(?:[-/年](?P<month>\d{1,2})(?:[-/月](?P<day>\d{1,2})日?|月)?|年)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PAGE = re.compile(r"第?\s*(\d{1,3})\s*版?")
_RANGE = re.compile(r"\s*(?:\.{2,3}|…|至)\s*")


def field_named(name: str) -> Field | None:
    """The field with this name in a query; None if there is none."""
    return _BY_NAME.get(fold(name))


def read_dates(text: str) -> Dates:
    """Parse ``2024``, ``2024-07``, ``2024-07-30``, or a range of them: ``2024-07..2024-09``, ``2024-07..``.

    Raises:
        ValueError: it is not a date; the message says what to write.
    """
    first, *more = _RANGE.split(text.strip('"“”'))
    last = more[-1] if more else first
    if len(more) > 1 or not (first or last):
        raise ValueError(_bad_date(text))
    since, until = (_day(first, text, end=False) if first else None), (_day(last, text, end=True) if last else None)
    if since and until and since > until:
        raise ValueError(f"“{text}”的起始日期在截止日期之后 (the range ends before it begins)")
    return Dates(since, until)


def _day(text: str, whole: str, *, end: bool) -> int:
    """The first or last day of a year, month or day, as 20240730."""
    match = _DATE.fullmatch(_COMPACT.sub(r"\1-\2-\3", text))
    if match is None or not int(match["year"]) >= 1:
        raise ValueError(_bad_date(whole))
    year = int(match["year"])
    month = int(match["month"]) if match["month"] else (12 if end else 1)
    if not 1 <= month <= 12:
        raise ValueError(_bad_date(whole))
    longest = calendar.monthrange(year, month)[1]
    day = int(match["day"]) if match["day"] else (longest if end else 1)
    if not 1 <= day <= longest:
        raise ValueError(_bad_date(whole))
    return year * 10000 + month * 100 + day


def _bad_date(text: str) -> str:
    return f"“{text}”不是日期；请写成 2024、2024-07、2024-07-30 或 2024-07..2024-09 (not a date)"


def parse_pages(text: str) -> Pages:
    """Parse ``3``, ``第3版``, or a range of pages: ``1..4``.

    Raises:
        ValueError: it is not a page; the message says what to write.
    """
    ends = [_PAGE.fullmatch(end) for end in _RANGE.split(text)]
    if len(ends) > 2 or not all(ends):
        raise ValueError(f"“{text}”不是版次；请写成 3 或 1..4 (not a page)")
    numbers = [int(match[1]) for match in ends if match]
    if numbers[0] > numbers[-1]:
        raise ValueError(f"“{text}”的起始版次在截止版次之后 (the range ends before it begins)")
    return Pages(numbers[0], numbers[-1])
