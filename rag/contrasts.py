"""Whether a text is about another year, edition, half-year, medal … than the one that is asked about."""

from __future__ import annotations

import re

from index.words import folded

from .ranking import asks_when
from .terms import numbers

# Not one that something is compared with, and not a number that only looks like one.
_YEAR = re.compile(
    r"(?<![\d.比较与同])(?:19|20)\d\d(?![\d.%万亿千百多余元美人名个米公吨份件家套亩辆平斤位次条度号克场])"
)
_EDITION = re.compile(
    r"(?:第([\d零〇一二两三四五六七八九十百]+)|首)([届家次位个名座条款艘架例批期代场颗枚部站季趟班列轮版])"
)
# A figure of half a year is not the year's.
_PART_OF_YEAR = (
    r"[上下]半年|第?[一二三四1-4]季度|首季|前[一二三四五六七八九十\d]+个?(?:季度|月)|\d{1,2}[-—–~至到]\d{1,2}月"
)
_PART = re.compile(_PART_OF_YEAR)
_WHOLE_YEAR = re.compile(rf"\d{{4}}年(?!{_PART_OF_YEAR})|全年")
# What a report may be about instead of what is asked: the group, or its absence, against another of the same line.
_CONTRASTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"([男女])(?=(?:[、和]?女)?[单双子篮足排团乒曲冰网])",
        r"[男女混]([单双])|([单双])(?=双?打|人滑)",
        r"(残)?奥[运会]",
        r"([金银铜])(?=(?:[、和]?[银铜])*牌)|[摘夺](金)",
        r"(进出|进|出)口",
        r"(开)闭?幕|(?<!开)(闭)幕",
        r"(城镇|农村|乡村)居民",
        r"最([高低])",
    )
)
_SPAN_OF_YEARS = re.compile(r"[以之][来后前]|年[来后前至到起—–~-]|至今")

_Named = tuple[str, str]  # which one, and of what


def about_another(question: str, text: str, dateline: str = "") -> bool:
    """Whether ``text`` is about another year, edition (第二届, 首家) or sort (上半年, 女单, 银牌) than is asked about.

    So it is where it names some of them, and neither it nor, for years and editions, its ``dateline`` (headline and
    date) the one asked about. The years do not count where a time or a span of years is asked for.
    """
    asked, told, dated = folded(question), folded(text), folded(dateline)
    year_counts = not (asks_when(asked) or _SPAN_OF_YEARS.search(asked))
    return (
        any(_names_only_others(_sorts(of, asked), _sorts(of, told), set()) for of in _CONTRASTS)
        or _names_only_others(_parts(asked) or _whole_years(asked), _parts(told), _whole_years(told))
        or _names_only_others(_editions(asked), _editions(told), _editions(dated))
        or (year_counts and _names_only_others(_years(asked), _years(told), _years(dated)))
    )


def _names_only_others(wanted: set[_Named], named: set[_Named], around: set[_Named]) -> bool:
    counted = {of for _, of in wanted}
    return any(of in counted for _, of in named) and not wanted & (named | around)


def _sorts(of: re.Pattern[str], plain: str) -> set[_Named]:
    return {(next(filter(None, match.groups()), ""), of.pattern) for match in of.finditer(plain)}


def _parts(plain: str) -> set[_Named]:
    return {(part.removeprefix("第"), "年内") for part in _PART.findall(plain)}


def _whole_years(plain: str) -> set[_Named]:
    return {("", "年内")} if _WHOLE_YEAR.search(plain) else set()


def _years(plain: str) -> set[_Named]:
    return {(year, "年") for year in _YEAR.findall(plain)}


def _editions(plain: str) -> set[_Named]:
    found = _EDITION.finditer(plain)
    return {(value, match[2]) for match in found for value in (numbers(match[1]) if match[1] else {"1"})}
