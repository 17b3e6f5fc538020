"""Whether a text is about another year, edition, half-year, medal … than the one that is asked about."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import product

from index.words import folded, names, people, question_words

from .ranking import asks_when
from .terms import FILED, absolute_dates, numbers, plain_text, titles

# Not one that something is compared with, and not a number that only looks like one.
_YEAR = re.compile(
    r"(?<![\d.比较与同])(?:19|20)\d\d(?![\d.%万亿千百多余元美人名个米公吨份件家套亩辆平斤位次条度号克场])"
    r"(?!年同[期月日])"
)
# What a report begins with is what it is about, whatever its date: 2021年，票房达472亿元.
_OPENING_YEAR = re.compile(r"\W*(?:19|20)\d\d年(?!同)[^,。的]*[,。]")
# Said by the way, unlike a date in brackets:「（首位是2017年的王芳）」.
_ASIDE = re.compile(r"\((?!(?:截[至止])?[\d年月日号.\-/—–~至到初底末]+\))[^()]*\)")
# Of someone by the way too, unless it is what is asked about: 2021年美网女单冠军王芳.
_EPITHET = re.compile(r"(?:19|20)\d\d年?度?[^\d,。;:、!?]{1,12}?([冠亚季]军|得主|获得者|状元|影[帝后])")
_NUMERAL = r"[零〇一二两三四五六七八九十百千万\d]+"
_EDITION = re.compile(rf"第({_NUMERAL})([\u4e00-\u9fff])|首([届家次位个名座条款艘架例批期代场颗枚部站季趟班列轮版])")
# Part of a name: GPT4, 速度与激情10, 嫦娥五号, 江州8号线; no quantity.
_NUMBERED = re.compile(
    rf"([a-z]+)-?(\d{{1,4}}(?:\.\d)?)(?!\d)|([\u4e00-\u9fff]{{2}})({_NUMERAL})(?=号(?!召|称))"
    r"|([\u4e00-\u9fff]{2})(\d{1,2})(?![\d.%:/\-—–~年月日号时点分秒岁周天个名人位次届期版家篇条项只元倍级等层楼枚场种支强万亿千百多余比集])"
)
# What is named by the place that it is of, right before it.
_OF_A_PLACE = re.compile(
    r"(?:\d{4}年?)?(?:\d(?:\.\d)?级)?(?:体育)?(代表[团队]|地震|冬奥会|冬?残奥会|奥运会|世界杯|亚运会|世博会|[上公首]映)"
)
_MAINLAND = re.compile(r"(?:中国)?(?:内地|大陆(?!架|漂|桥)|境内)")  # one place, where something is shown or held
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
        r"(?:世界|亚洲|欧洲|美洲|非洲)杯(预选赛|资格赛|外围赛)?",
        r"([澳法温美])(?:网|大利亚网|国网球|布尔登)",
        r"中国(香港|澳门|台湾|台北)?",
        r"([金银铜])(?=(?:[、和]?[银铜])*牌)|[摘夺](金)",
        r"(进出|进|出)口",
        r"(开)闭?幕|(?<!开)(闭)幕",
        r"(城镇|农村|乡村)居民",
        r"([夏秋])?粮食?(?=总?产(?![能业区地品])|单产|播种|丰收|收购)",
        r"([新前卸])任",
        r"(开始|截止|结束)(?=时间|日期)",
        r"最([高低])",
    )
)
_PRINTED_ON = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日$")
_HALF_OF_THIS_YEAR = re.compile(r"(?<!年)(?<!年的)(?:上半年|第?[一1]季度|首季)")
_SPAN_OF_YEARS = re.compile(r"[以之][来后前]|年[来后前至到起—–~-]|至今")
_ONE_TITLE = 0.7  # of characters in common: a slip of the pen (李茂扮太子) makes no other work

_Named = tuple[str, str]  # which one, and of what


def about_another(question: str, text: str, dateline: str = "") -> bool:
    """Whether ``text`` is about another year, edition (第二届, GPT4) or sort (上半年, 女单, 银牌) than is asked about.

    So it is where it names some of them, and neither it nor, for years and editions, its ``dateline`` (headline and
    date) the one asked about; 今年 is the dateline's. A year that it begins with (2021年，…) counts whatever the date.
    The years do not count where a time or a span of years is asked for. It also is where it has only the negation of
    what is asked (非网民 for 网民), or the same of another place (江州代表团).
    """
    asked, told, dated = folded(question), folded(text), folded(dateline)
    year_counts = not (asks_when(asked) or _SPAN_OF_YEARS.search(asked))
    return (
        any(_names_only_others(_sorts(of, asked), _sorts(of, told), set()) for of in _CONTRASTS)
        or _names_only_others(_parts(asked) or _whole_years(asked), _parts(told), _whole_years(told))
        or _names_only_others(_editions(asked), _editions(told), _editions(dated))
        or _names_only_others(_numbered(asked), _numbered(told), _numbered(dated))
        or _of_another_place(asked, told)
        or _negates(asked, told)
        or (year_counts and _of_another_year(asked, told, dated))
    )


def about_another_work(question: str, text: str, article: str) -> bool:
    """Whether ``text`` names works (《…》) and none is one that is asked about, which its ``article`` does not name."""
    asked = titles(plain_text(question))
    told = titles(plain_text(text)) if asked else set()
    if not told or any(_one_title(*pair) for pair in product(asked, told)):
        return False
    around = plain_text(article)
    return not any(title in around for title in asked)


def _one_title(one: str, other: str) -> bool:
    return one in other or other in one or SequenceMatcher(None, one, other).ratio() >= _ONE_TITLE


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


def _of_another_year(asked: str, told: str, dated: str) -> bool:
    wanted = _years(asked)
    if not wanted:
        return False
    reported = _without_epithets(asked, told)
    plain = FILED.sub("", plain_text(reported)).lstrip(".…")
    if _OPENING_YEAR.match(plain) and not wanted & _years(plain):
        return True
    mainly = _ASIDE.sub(" ", reported)
    return _names_only_others(wanted, _years(mainly) or _years_meant(mainly, dated), _years(told) | _years(dated))


def _without_epithets(asked: str, told: str) -> str:
    def left(epithet: re.Match[str]) -> str:
        aside = epithet[1] not in asked and any(told.startswith(name, epithet.end()) for name in people(told))
        return " " if aside else epithet.group()

    return _EPITHET.sub(left, told)


def _years_meant(plain: str, dated: str) -> set[_Named]:
    """The years that 今年, 去年 or a half-year without its year stand for on the date that ``dated`` ends with."""
    day = _PRINTED_ON.search(dated)
    if not day:
        return set()
    year, month, of_month = (int(part) for part in day.groups())
    meant = [date for date in absolute_dates(plain, f"{year}-{month:02}-{of_month:02}").values() if date.endswith("年")]
    return _years(" ".join((*meant, f"{year}年" if _HALF_OF_THIS_YEAR.search(plain) else "")))


def _editions(plain: str) -> set[_Named]:
    found = (match.groups() for match in _EDITION.finditer(plain))
    return {(value, of or first) for which, of, first in found for value in (numbers(which) if which else {"1"})}


def _numbered(plain: str) -> set[_Named]:
    found = (tuple(filter(None, match.groups())) for match in _NUMBERED.finditer(plain))
    return {(value, of) for of, which in found for value in numbers(which)}


def _of_another_place(asked: str, told: str) -> bool:
    wanted = {(place, of) for place, of in _of_places(asked) if place}
    unplaced = {("", of) for _, of in wanted}  # 本届冬奥会 may well be the one
    return bool(wanted) and _names_only_others(wanted | unplaced, _of_places(told), set())


def _of_places(plain: str) -> set[_Named]:
    plain = _MAINLAND.sub("中国", plain)
    found = ((plain[: of.start()], of[1]) for of in _OF_A_PLACE.finditer(plain))
    return {(next((name for name in names(before) if before.endswith(name)), ""), of) for before, of in found}


def _negates(asked: str, told: str) -> bool:
    """Whether all that ``told`` has of some word of the question is its negation."""
    return "非" in told and any(
        f"非{word}" in told and f"非{word}" not in asked and word not in told.replace(f"非{word}", "")
        for word in question_words(asked)
        if len(word) > 1
    )
