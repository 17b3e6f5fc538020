"""Publication dates and pages that a question names: 上周的报纸, 4月18日以后的报道, 昨天的头版.

「7月30日第2版讲了什么」 asks about what was printed on that day; 「2022年英特尔全年营收」 asks about a year, which
papers of any date may report. Only the first kind counts: a date next to words about the newspaper itself (报纸,
报道, 新闻, 第2版, 刊登 …). Negated or unclear mentions (不是第3版, 除4月18日外, 4月18日前后) do not count.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .dates import DateMention, Day, dates
from .digits import read_numeral

_N = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_TO = r"\s*(?:至|到|-|—|~)+\s*"
_AND = r"\s*(?:、|和|与|及|或|以及|还有)\s*"
_JOINED = re.compile(f"(?:{_TO}|{_AND})$")
_LAST = re.compile(rf"(?:最近|近|过去)的?(?P<count>{_N}|半)(?P<unit>天|日|周|个?星期|个?礼拜|个月|年)(?!前)")
_AGO = re.compile(rf"(?<![\d一二两三四五六七八九十])(?P<count>{_N})天(?:之)?前(?!后)")
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365}
_AGE = re.compile(r"\d\d年(?:之?前|来|间)")  # 10年前 is not a year

_PAGE = re.compile(
    rf"第(?P<page>{_N})版(?![本权画图式面主修教])|(?P<front>头版)"
    rf"|(?<![\d一二三四五六七八九十第a-z])(?P<bare>{_N})版(?=的|有|上|讲|登|刊|报|说|写|头条|要闻|新闻|都|[？?。]|$)"
)
_PAGE_BEFORE = re.compile(rf"{_N}版?(?:{_TO}|{_AND})第?$")
_PAGE_AFTER = re.compile(rf"(?:之?[前后](?!面)|以[前后外]|之外|除外|外的|{_TO}第?{_N}版|{_AND}第?{_N}版)")

_DENIED_BEFORE = re.compile(
    r"(?:不(?:是|要|含|包括|包含|算|看|在|限)|并非|没(?:有)?在|未在|排除|去掉|除(?![夕非草尘雪湿])|而非|非(?![遗洲常法凡公物机])"
    r"|(?<![特分区级性个差识告辨])别)[^，。；,;？?!！]{0,12}$"
)
_DENIED_AFTER = re.compile(r"[^，。；,;？?!！]{0,4}?(?:以外|之外|除外|外的|不要|不算|不看)|(?:前后|左右|上下)")
_BOUND = re.compile(
    r"(?:当天|那天)?(?:(?P<after>之后|以后|后(?![来面]))|(?P<before>之前|以前|前(?![后面]))|(?P<since>以来|起|开始|至今|到现在)|(?P<until>为止))"
)
_UNTIL = re.compile(r"(?:截至|截止到?|直到)$")

# Words after a date that make it a publication date: the paper itself, what it printed, or a question about that.
_REPORTS = r"(?:报道|新闻|要闻|消息|文章|头条)"
_AFTER = re.compile(
    r"(?:份|这天|那天|当天|出版|的)*"
    rf"(?:.{{0,6}}?(?:报纸|日报|晚报|头版|版面|刊登|刊发|登载|登了|见报|[这那]一?期)|(?:所有|主要|重要|相关|有关|都?有)?{_REPORTS}"
    rf"|关于.{{1,30}}的{_REPORTS})"
)
_ABOUT_PAPER = re.compile(
    rf"(?:有什么|有哪些|有何|多少篇|几篇|总结|概括|列出).{{0,30}}{_REPORTS}"
    r"|(?:报纸|报上|报道|刊登|刊发|登)了?(?:什么|哪些|过|些什么)"
    r"|(?:讲|说|写|登)了?(?:什么|些什么|哪些)[？?。]?$"
)
_EVENT = re.compile(
    r"(?:当天|在.{1,8})?(?:发生|举行|召开|举办|开幕|闭幕|成立|出台|实施|施行|去世|逝世|出生|开业|通车|爆发)"
)


@dataclass(frozen=True)
class Period:
    """The dates, inclusive, with None for no limit; the page; and the words that name them."""

    since: Day | None
    until: Day | None
    page: int | None
    phrase: str


@dataclass(frozen=True)
class DateSpan:
    """The dates named in ``question[start:end]``; ``whole``: every day between them is included."""

    start: int
    end: int
    since: Day | None
    until: Day | None
    whole: bool = True


def read_period(question: str, today: Day, latest: Day) -> Period | None:
    """The publication dates and page that a question clearly names, or None.

    Args:
        question: in half-width, simplified characters.
        today: the reference day for 昨天 and 上周.
        latest: a date without a year is the latest such date up to this day.
    """
    number, page_phrase = _page(question)
    speaks_of_pages = _PAGE.search(question) is not None
    span = _named_span(question, today, latest, speaks_of_pages=speaks_of_pages)
    if span is None and number is None:
        return None
    phrase = question[span.start : span.end] if span else ""
    return Period(
        span.since if span else None,
        span.until if span else None,
        number,
        " ".join(part for part in (phrase, page_phrase) if part),
    )


def _page(question: str) -> tuple[int | None, str]:
    """The only page named; None if several are named or one is negated."""
    found = list(_PAGE.finditer(question))
    pages = {_number(match) for match in found}
    unclear = any(
        _DENIED_BEFORE.search(question[: match.start()])
        or _PAGE_BEFORE.search(question[: match.start()])
        or _DENIED_AFTER.match(question, match.end())
        or _PAGE_AFTER.match(question, match.end())
        for match in found
    )
    if len(pages) != 1 or unclear:
        return None, ""
    return pages.pop(), found[0].group()


def page_spans(question: str) -> list[tuple[int, int, int]]:
    """Start, end and number of each page named in a question: 第四版, 头版, 04版有."""
    return [(*match.span(), _number(match)) for match in _PAGE.finditer(question)]


def _number(page: re.Match[str]) -> int:
    return 1 if page["front"] else _integer(page["page"] or page["bare"])


def _named_span(question: str, today: Day, latest: Day, *, speaks_of_pages: bool) -> DateSpan | None:
    """The first dates that refer to the newspaper: by the words directly after them, or else by the whole question."""
    spans = period_spans(question, today, latest)
    for span in spans:
        if _AFTER.match(question, span.end):
            return span
    for span in spans:
        about = speaks_of_pages or _ABOUT_PAPER.search(question, span.end)
        if about and not _EVENT.match(question, span.end):
            return span
    return None


def period_spans(question: str, today: Day, latest: Day) -> list[DateSpan]:
    """All dates named in a question, whatever they refer to, except negated ones. Arguments as for ``read_period``."""
    return [
        _bounded(question, span)
        for span in _joined(question, sorted(_spans(question, today, latest), key=lambda s: s.start))
        if not _DENIED_BEFORE.search(question[: span.start]) and not _DENIED_AFTER.match(question, span.end)
    ]


def _spans(question: str, today: Day, latest: Day) -> Iterator[DateSpan]:
    counted = [*_LAST.finditer(question), *_AGO.finditer(question)]
    for match in counted:
        if match.re is _AGO:
            day = today - datetime.timedelta(days=_integer(match["count"]))
            yield DateSpan(match.start(), match.end(), day, day)
        else:
            days = _DAYS[match["unit"].removeprefix("个")]
            length = days // 2 if match["count"] == "半" else days * _integer(match["count"])
            yield DateSpan(match.start(), match.end(), today - datetime.timedelta(days=length), today)
    for mention in dates(question, today, short_years=True):
        taken = any(match.start() < mention.end and mention.start < match.end() for match in counted)
        covered = None if taken or _AGE.match(question, mention.start) else _covered(question, mention, latest)
        if covered:
            yield DateSpan(mention.start, mention.end, *covered)


def _covered(question: str, mention: DateMention, latest: Day) -> tuple[Day, Day] | None:
    if re.fullmatch(r"\d{1,2}日", mention.text) and not _JOINED.search(question[: mention.start]):
        mention = dates(mention.text, latest)[0]
    years = range(latest.year, latest.year - 5, -1)
    known = [covered for year in years if (covered := mention.in_year(year))]
    return next((covered for covered in known if covered[0] <= latest), known[0] if known else None)


def _joined(question: str, spans: list[DateSpan]) -> Iterator[DateSpan]:
    """Join dates with 到 or 和 between them into one span."""
    group: DateSpan | None = None
    for span in spans:
        if group and (sign := re.fullmatch(f"(?P<to>{_TO})|{_AND}", question[group.end : span.start])):
            ends = [day for day in (group.since, group.until, span.since, span.until) if day]
            meet = span.since and group.until and span.since - group.until <= datetime.timedelta(days=1)
            whole = group.whole and bool(sign["to"] or meet)
            group = replace(group, end=span.end, since=min(ends), until=max(ends), whole=whole)
            continue
        if group:
            yield group
        group = span
    if group:
        yield group


def _bounded(question: str, span: DateSpan) -> DateSpan:
    """The span as modified by 之前, 以后, 以来 or 截至."""
    match = _BOUND.match(question, span.end)
    if match is None:
        return replace(span, since=None) if _UNTIL.search(question[: span.start]) else span
    day = datetime.timedelta(days=1)
    span = replace(span, end=match.end())
    if match["after"] and span.until:
        return replace(span, since=span.until + day, until=None)
    if match["before"] and span.since:
        return replace(span, since=None, until=span.since - day)
    return replace(span, until=None) if match["since"] else replace(span, since=None)


def _integer(text: str) -> int:
    return int(read_numeral(text).value)
