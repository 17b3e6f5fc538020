"""What a text states, in a form that can be compared: words, numbers and days, quoted words, names.

「二十一」and 21, 「1.1万」and 11,000, 「百分之二十」and 20% are one number;「昨天」in an article is the day before its
date.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.words import QUESTION_WORDS, folded, names, words

from .numerals import MEASURES, chinese_value, is_number, read_numbers

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_HYPHEN = re.compile(r"(?<=[a-z])[-‐‑–](?=\d)")  # GPT-4 is GPT4
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMERAL = r"\d{1,2}|[一二三四五六七八九十]{1,2}"  # of a month
# A day of a month, as newspapers, snippets and archives print it: 5月28日, 五月二十八日, 2023-05-28, May 28.
_DAY = re.compile(
    rf"(?P<month>{_NUMERAL})月(?P<day>\d{{1,2}}(?!\d)|[一二三四五六七八九十]{{1,3}}(?=[日号]))"
    r"|(?<!\d)\d{4}([-/.])(?P<month_of_year>\d{1,2})\3(?P<day_of_year>\d{1,2})(?!\d)"
    rf"|(?P<english>{'|'.join(MONTHS)})[a-z]*\.?(?P<english_day>\d{{1,2}})(?!\d)"
)
# Numbers of the calendar, which measure nothing: 8月9日 are no 9天.
_CALENDAR = re.compile(rf"{_DAY.pattern}|(?:\d{{4}}|[零〇一二三四五六七八九]{{4}})年|(?:{_NUMERAL})月")
_MONTH_ALONE = re.compile(rf"({_NUMERAL})月(?![\d一二三四五六七八九十])")
_MONTHS = re.compile(rf"({_NUMERAL})(?=月|[、至到和\-—–~](?:{_NUMERAL})月)")
# A time by the day on which it is said.
_RELATIVE = re.compile(r"[今去前明]年|[本上下]个?(?:月|周|星期)|[今昨明]天|[今昨]日|前天")
_ONE_WAY_TO_WRITE = (("个", ""), ("日", "天"), ("星期", "周"))
# When a report was written, which is no day that it tells of: 新华社北京7月30日电, a snippet's «Jul 30, 2025 ...».
FILED = re.compile(
    r"\d{1,2}月\d{1,2}日(?:电(?![视话影力子网商脑台站器动池竞缆源价费量报])|讯(?![息问号]))"
    rf"|^(?:{'|'.join(MONTHS)})[a-z]*\.?\d{{1,2}},\d{{4}}(?:\.\.\.|…)"
)
_QUOTED = re.compile(r"[“「『]([^”」』]{2,40})[”」』]")
_TITLE = re.compile(r"《([^》]{2,40})》")


@dataclass(frozen=True)
class Terms:
    """The text without case, width and spaces; content words; numbers, amounts, days; quotations; names and titles."""

    text: str
    words: frozenset[str]
    numbers: frozenset[str]
    quoted: frozenset[str]
    names: frozenset[str]


def terms(text: str) -> Terms:
    """What ``text`` states, and so what must be found in what it cites."""
    plain = plain_text(text)
    content = {word for word in words(plain) if word not in QUESTION_WORDS and not is_number(word)}
    quoted = frozenset("".join(match.split()) for match in _QUOTED.findall(plain))
    named = frozenset([*names(plain), *titles(plain)])
    stated = frozenset((*_stated(plain), *_days(FILED.sub(" ", plain))))
    return Terms(plain, frozenset(content), stated, quoted, named)


def plain_text(text: str) -> str:
    """``text`` in lower case and half width, without spaces, thousands separators and hyphens before numbers."""
    return _HYPHEN.sub("", "".join(_THOUSANDS.sub("", folded(text)).split()))


def titles(plain: str) -> set[str]:
    """The titles of works (《…》) in plain text."""
    return set(_TITLE.findall(plain))


def numbers(text: str, date: str | None = None) -> set[str]:
    """Every number that ``text`` may be cited for, by value; with those that its relative dates stand for.

    Args:
        text: of an article.
        date: the article's, ISO.
    """
    plain = plain_text(text)
    meant = absolute_dates(plain, date).values() if date else ()
    return {number.value for text in (plain, *_days(plain), *meant) for number in read_numbers(text)}  # May 28: 5 too


def amounts(text: str) -> set[str]:
    """Every number that ``text`` may be cited for with what it measures (44人); with anything, where that is not told.

    Args:
        text: of an article.
    """
    found = [number for number in read_numbers(_CALENDAR.sub(" ", plain_text(text))) if number.measures]
    return {f"{n.value}{measure}" for n in found for measure in ([n.measure] if n.measure else MEASURES)}


def days(text: str, date: str | None = None) -> set[str]:
    """Every day of a month that ``text`` may be cited for; one without its month may be any month's.

    Not the one on which it was written, by its dateline.

    Args:
        text: of an article.
        date: the article's, ISO.
    """
    plain = FILED.sub(" ", plain_text(text))
    meant = absolute_dates(plain, date).values() if date else ()
    undated = {number.value for number in read_numbers(_DAY.sub(" ", plain))}
    alone = {value for value in undated if value.isdecimal() and 1 <= int(value) <= 31}
    return {*_days(plain), *_days("".join(meant)), *(_day(month, day) for day in alone for month in range(1, 13))}


def _days(plain: str) -> Iterator[str]:
    for match in _DAY.finditer(plain):
        if match["english"]:
            yield _day(MONTHS.index(match["english"]) + 1, match["english_day"])
        else:
            month, day = (match[part] or match[f"{part}_of_year"] for part in ("month", "day"))
            yield _day(_value(month), _value(day))


def _value(numeral: str) -> int:
    return int(numeral) if numeral.isdecimal() else int(chinese_value(numeral))


def _day(month: int, day: int | str) -> str:
    return f"{month}月{int(day)}日"


def times(text: str, date: str | None = None) -> set[str]:
    """Every month (6月), and every time by the day of the report (明年), that ``text`` may be cited for.

    Args:
        text: of an article.
        date: the article's, ISO.
    """
    plain = plain_text(text)
    meanings = _meanings(date) if date else {}
    meant = (meaning for phrase, meaning in meanings.items() if phrase in plain)
    said = (phrase for phrase, meaning in meanings.items() if meaning in plain)
    return {*relative_times(" ".join((plain, *said))), *_months(_MONTHS, " ".join((plain, *meant, *_days(plain))))}


def relative_times(plain: str) -> set[str]:
    """The times that stand by the day on which they are said: 明年, 上月 (also for 上个月), 今天 (also for 今日)."""
    found = set()
    for phrase in _RELATIVE.findall(plain):
        for written, one in _ONE_WAY_TO_WRITE:
            phrase = phrase.replace(written, one)
        found.add(phrase)
    return found


def _months(pattern: re.Pattern[str], plain: str) -> Iterator[str]:
    yield from (f"{_value(month)}月" for month in pattern.findall(plain))


def absolute_dates(text: str, date: str) -> dict[str, str]:
    """The relative dates in ``text`` and what they mean in an article of ``date`` (ISO)."""
    return {phrase: meaning for phrase, meaning in _meanings(date).items() if phrase in text}


def _meanings(date: str) -> dict[str, str]:
    day = datetime.date.fromisoformat(date)

    def of(days: int) -> str:
        return printed((day + datetime.timedelta(days=days)).isoformat())

    before = (day.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)
    return {
        "今年": f"{day.year}年",
        "去年": f"{day.year - 1}年",
        "前年": f"{day.year - 2}年",
        "明年": f"{day.year + 1}年",
        "本月": f"{day.year}年{day.month}月",
        "上月": f"{before.year}年{before.month}月",
        "上个月": f"{before.year}年{before.month}月",
        "今天": of(0),
        "今日": of(0),
        "昨天": of(-1),
        "昨日": of(-1),
        "前天": of(-2),
        "明天": of(1),
    }


def printed(date: str | None) -> str:
    """An ISO date as newspapers write it: 2025年4月18日; empty for none."""
    if not date:
        return ""
    year, month, day = date.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


def _stated(plain: str) -> Iterator[str]:
    """The numbers that must be found, and what they measure; months without a day, and years and months like 明年.

    A single Chinese digit counts only where something is counted by it.
    """
    yield from _months(_MONTH_ALONE, plain)
    yield from relative_times(plain)
    yield from (number.value for number in read_numbers(plain) if number.certain)
    measuring = (number for number in read_numbers(_CALENDAR.sub(" ", plain)) if number.certain and number.measure)
    yield from (f"{number.value}{number.measure}" for number in measuring)
