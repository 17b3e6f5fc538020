"""Convert dates as written by newspapers and in file systems to ISO dates."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from ...text.digits import plain, read_numeral

_AS_NUMERALS = str.maketrans({"○": "〇", "O": "〇", "Ｏ": "〇", "元": "一"})  # 二OO八年, 元月
_NUMERAL = r"[一二三四五六七八九十廿卅元]{1,4}"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>(?:1[89]|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
        r"(?<!\d)(?P<year>(?:1[89]|20)\d{2})\s*(?P<separator>[-_./年])[\s/]*(?P<month>\d{1,2})"
        r"\s*(?:(?P=separator)|月)[\s/]*(?P<day>\d{1,2})(?:\s*[日号])?(?!\d)",
        rf"(?P<year>[一二][〇○零OＯ一二三四五六七八九]{{3}})年\s*(?P<month>{_NUMERAL})月\s*(?P<day>{_NUMERAL})[日号號]?",
        rf"(?P<year>一千[八九]百零?[一二三四五六七八九十]{{1,3}})年\s*(?P<month>{_NUMERAL})月\s*(?P<day>{_NUMERAL})[日号號]?",
        rf"(?:中[华華])?民[国國]\s*(?P<republic>{_NUMERAL}|\d{{1,2}})\s*年\s*(?P<month>{_NUMERAL}|\d{{1,2}})\s*月\s*"
        rf"(?P<day>{_NUMERAL}|\d{{1,2}})(?:\s*[日号])?",
    )
)
_HINT = re.compile(r"[12１２]\s?[\d０-９]{3}|[一二][〇○零OＯ一二三四五六七八九]{3}年|一千[八九]百|民[国國]")
_FOLDERS = re.compile(r"(?<!\d)(?P<year>(?:1[89]|20)\d{2})[-/_.]?(?P<month>\d{2})[-/_.]?(?P<day>\d{2})(?!\d)")


@dataclass(frozen=True)
class DateFound:
    """An ISO date and its position in the text: ``text[start:end]``."""

    iso: str
    start: int
    end: int


def find_date(text: str) -> DateFound | None:
    """The first full date in ``text``, in digits, Chinese numerals or years of the Republic."""
    if not _HINT.search(text):
        return None
    narrow = plain(text)
    for pattern in _DATES:
        for match in pattern.finditer(narrow):
            parts = match.groupdict()
            year = 1911 + number(parts["republic"]) if parts.get("republic") else number(parts["year"])
            iso = checked(year, number(parts["month"]), number(parts["day"]))
            if iso:
                return DateFound(iso, match.start(), match.end())
    return None


def iso_date(text: str) -> str | None:
    """The first date in ``text`` in ISO format, or None."""
    found = find_date(text)
    return found.iso if found else None


def folder_date(path: str) -> str | None:
    """The date in a path's folder names: ``2031-03/04``, ``203103/04``, ``2031/03/04``."""
    match = next(reversed(list(_FOLDERS.finditer(path))), None)
    return checked(int(match["year"]), int(match["month"]), int(match["day"])) if match else None


def checked(year: int, month: int, day: int) -> str | None:
    """An ISO date, or None if the day does not exist."""
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def number(text: str) -> int:
    """``3``, ``三``, ``十二``, ``廿一`` or ``二〇三一`` as a number; 0 if ``text`` is not a number."""
    return int(read_numeral(plain(text).translate(_AS_NUMERALS)).value)
