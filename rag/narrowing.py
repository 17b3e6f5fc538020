"""Dates and pages in a question that plainly say which newspapers to search.

「7月30日第2版讲了什么」asks about what was printed then; 「2022年英特尔全年营收」asks about a year, which papers of any
date may report. Only the first kind narrows the search: a date narrows it where the words beside it speak of the
newspaper itself (报纸、报道、新闻、第2版、刊登 …).
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import partial

from index.words import folded

Day = datetime.date

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
_PART = r"(?:上半年|下半年|第?[一二三四1-4]季度|年初|年底)"

_DATE = re.compile(
    rf"(?P<year>\d{{4}}年|今年|去年|前年)(?P<part>{_PART}|{_NUMBER}月份?(?:上旬|中旬|下旬|{_NUMBER}[日号])?)?"
    rf"|(?P<month>{_NUMBER}月份?(?:上旬|中旬|下旬|{_NUMBER}[日号])?)"
    r"|(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    rf"|(?P<half>{_PART})"
    r"|(?P<named>今天|今日|昨天|昨日|前天|本周|这周|这个星期|本星期|上周|上星期|上个星期|本月|这个月|上月|上个月)"
    rf"|(?:最近|近|过去)(?P<count>{_NUMBER})(?P<unit>天|日|周|个星期|个月|年)"
)
_JOIN = re.compile(r"^\s*(?:至|到|-|—|~|～)+\s*$")
_PAGE = re.compile(rf"第(?P<page>{_NUMBER})版(?![本权画图式面主])|(?P<front>头版)")

# The words after a date that make it one of publication: the paper itself, what it printed, or a question about that.
_REPORTS = r"(?:报道|新闻|要闻|消息|文章|头条)"
_AFTER = re.compile(
    r"^(?:份|这天|那天|当天|出版|的)*"
    rf"(?:.{{0,6}}?(?:报纸|日报|晚报|头版|版面|刊登|刊发|登载|登了|见报|[这那]一?期)|(?:所有|主要|重要|相关|有关|都?有)?{_REPORTS}"
    rf"|关于.{{1,30}}的{_REPORTS})"
)
_ABOUT_PAPER = re.compile(
    rf"(?:有什么|有哪些|有何|多少篇|几篇|总结|概括|列出).{{0,30}}{_REPORTS}"
    r"|(?:报纸|报上|报道|刊登|刊发|登)了?(?:什么|哪些|过|些什么)"
    r"|(?:讲|说|写|登)了?(?:什么|些什么|哪些)[？?。]?$"
)
_RECENT = {"今天", "今日", "昨天", "昨日", "前天"}


@dataclass(frozen=True)
class Narrowing:
    """What was read from a question: ISO dates, both included, a page, and the words that say so."""

    since: str | None
    until: str | None
    page: int | None
    phrase: str

    def as_dict(self) -> dict[str, str | int | None]:
        """As JSON values."""
        return {"since": self.since, "until": self.until, "page": self.page, "phrase": self.phrase}


def read_narrowing(question: str, today: Day, last: Day | None = None) -> Narrowing | None:
    """The publication dates and the page that a question plainly names, or None.

    Args:
        question: as it was asked.
        today: what 昨天 and 上周 are counted from.
        last: the archive's newest issue; a date without a year is the latest such date that is not after it.
    """
    asked = folded(question)
    page = _page(asked)
    found = _range(asked, today, min(today, last) if last else today, speaks_of_pages=page is not None)
    if found is None and page is None:
        return None
    since, until, phrase = found or (None, None, "")
    number, page_phrase = page or (None, "")
    return Narrowing(
        since.isoformat() if since else None,
        until.isoformat() if until else None,
        number,
        " ".join(part for part in (phrase, page_phrase) if part),
    )


def _page(asked: str) -> tuple[int, str] | None:
    match = _PAGE.search(asked)
    if match is None:
        return None
    return (1 if match["front"] else _integer(match["page"])), match.group()


def _range(asked: str, today: Day, latest: Day, *, speaks_of_pages: bool) -> tuple[Day, Day, str] | None:
    matches = [(m, r) for m in _DATE.finditer(asked) if (r := _resolved(m, today, latest)) is not None]
    if not matches:
        return None
    first, (since, until) = matches[0]
    end = first.end()
    if len(matches) > 1 and _JOIN.match(asked[end : matches[1][0].start()]):
        second, (_, until) = matches[1]
        end = second.end()
    phrase = asked[first.start() : end]
    plain = bool(_AFTER.match(asked[end:])) or bool(_ABOUT_PAPER.search(asked[end:])) or speaks_of_pages
    return (since, max(since, until), phrase) if plain else None


def _resolved(match: re.Match[str], today: Day, latest: Day) -> tuple[Day, Day] | None:
    try:
        if match["iso"]:
            day = Day(*map(int, match["iso"].split("-")))
            return day, day
        if match["named"]:
            return _named(match["named"], today)
        if match["count"]:
            return _last(_integer(match["count"]), match["unit"], today)
        if match["year"]:
            year = match["year"]
            number = int(year[:4]) if year[0].isdigit() else today.year - "今去前".index(year[0])
            return _within(number, match["part"])
        part = match["month"] or match["half"]
        return max(
            (r for y in (latest.year - 1, latest.year) if (r := _within(y, part))[0] <= latest),
            default=_within(latest.year, part),
        )
    except ValueError:  # 13月, 2月30日
        return None


def _within(year: int, part: str | None) -> tuple[Day, Day]:
    if part is None:
        return Day(year, 1, 1), Day(year, 12, 31)
    months = partial(_months, year)
    if part == "上半年":
        return months(1, 6)
    if part == "下半年":
        return months(7, 12)
    if part == "年初":
        return months(1, 2)
    if part == "年底":
        return months(11, 12)
    if part.endswith("季度"):
        quarter = _integer(part.strip("第季度"))
        return months(3 * quarter - 2, 3 * quarter)
    month_text, _, rest = part.partition("月")
    month = _integer(month_text)
    first, last = months(month, month)
    rest = rest.removeprefix("份")
    if rest in ("上旬", "中旬", "下旬"):
        start = {"上旬": 1, "中旬": 11, "下旬": 21}[rest]
        return first.replace(day=start), last if start == 21 else first.replace(day=start + 9)
    if rest:
        day = first.replace(day=_integer(rest[:-1]))
        return day, day
    return first, last


def _months(year: int, first: int, last: int) -> tuple[Day, Day]:
    return Day(year, first, 1), Day(year, last, calendar.monthrange(year, last)[1])


def _named(name: str, today: Day) -> tuple[Day, Day]:
    if name in _RECENT:
        day = today - datetime.timedelta(days="今昨前".index(name[0]))
        return day, day
    before = name.startswith("上")
    if name.endswith("月"):
        first = today.replace(day=1)
        if before:
            first = (first - datetime.timedelta(days=1)).replace(day=1)
        return _months(first.year, first.month, first.month)
    monday = today - datetime.timedelta(days=today.weekday() + 7 * before)
    return monday, monday + datetime.timedelta(days=6)


def _last(count: int, unit: str, today: Day) -> tuple[Day, Day]:
    days = {"天": 1, "日": 1, "周": 7, "个星期": 7, "个月": 30, "年": 365}[unit] * count
    return today - datetime.timedelta(days=days), today


def _integer(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, found, units = text.rpartition("十")
    if not found:
        return int("".join(str(_DIGITS[c]) for c in text))
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[units] if units else 0)
