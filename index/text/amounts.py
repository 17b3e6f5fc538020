"""Parse one amount at the start of a numeral: the number, multipliers (多万, 成, 分之), and the unit."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources

from .digits import DIGITS, Numeral, read_numeral, scale_of
from .units import UNIT, compatible

Number = Decimal | Fraction

_DIGIT = "零〇一二两三四五六七八九"
_CHINESE = f"{_DIGIT}十百千万亿廿卅"
_TAIL = r"(?:[十万亿]|百(?!帕)|千(?![米克瓦伏赫]))"  # 3千米 is 3 of 千米
_LITERAL = r"(?:(?<!\d)(?<!\d,)\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?+"
NUMBER = re.compile(
    rf"(?P<arabic>{_LITERAL}(?:(?:\ (?=[万亿]))?{_TAIL}++(?:(?:\d++(?:\.\d++)?+|[{_DIGIT}]++(?={_TAIL})){_TAIL}*+)?)*+)"
    r"|(?P<some>几(?=[十百千万亿])|(?<![人总系指次基多分岁倍户件半参函无少算代])数(?=[十百千万亿](?!分之)))[十百千万亿]++"
    r"|(?<=[上近过逾超成约])(?P<full>[百千万亿]++)(?!分之)"
    r"|(?P<pair>[俩仨])"
    rf"|(?P<chinese>[{_CHINESE}]++(?:点(?![{_DIGIT}]*[十分刻钟])[{_DIGIT}]++[百千万亿]*+)?)"
    r"|(?P<half>半(?=(?:个?(?:月|小时|世纪)|个|年|天|日|公里|里|斤|亩|吨)(?![多报岛]|以来的)))"
)
START = re.compile(rf"[\d{_CHINESE}俩仨几数半]")
_MORE = re.compile(rf"(?P<word>多|余|来(?![自到的源])|几)(?P<tail>{_TAIL}*+)")
_TENTHS = re.compile(
    r"成(?![立为功员本长都分果品熟交绩人效就行套语形因型千百不])(?P<half>[一二三四五六七八九\d](?![一二三四五六七八九十\d个]))?"
)
_ONE_HALF = re.compile(r"半(?![天年月个小导岛径山路截])|半(?=的)")
_HALF_MORE = re.compile(
    r"个半(?P<noun>小时|月|钟头|星期|世纪)|(?P<unit>年|天|倍|公里|里|斤|亩|米|岁|周)半(?![天年月个数山岛])"
    r"|个[多余](?P<over>小时|月|钟头|星期|世纪)"
)
_SLASH = re.compile(r"/(?P<below>\d{1,3})(?![\d/.])")
_JOIN = re.compile(r"\s?(?:(?P<word>至|到|~)|[-\u2013\u2014])\s?(?![-\u2013\u2014~])")
_ALONE = re.compile(r"[名位亩吨元余多]|公里|平方")  # 百名, 千余 are numbers, 百家 and 千里 are words
_SCALES = {"%": Decimal("0.01"), "‰": Decimal("0.001")}


@dataclass(frozen=True)
class Amount:
    """A number and its unit. ``side``: on which side an approximate number is; None if it is exact."""

    start: int
    end: int
    value: Number
    place: Number = Decimal(1)
    high: Number | None = None
    side: int | None = None
    unit: tuple[int, int] | None = None
    certain: bool = True  # a number even without a following measure word
    bare: Decimal | None = None  # its value without a final 万 or 亿, which a range may share
    scale: Decimal = Decimal(1)  # 0.01 for a percentage

    def times(self, factor: Number) -> Amount:
        """The amount multiplied."""
        if factor == 1:
            return self
        high = _product(self.high, factor) if self.high is not None else None
        return replace(self, value=_product(self.value, factor), place=_product(self.place, factor), high=high)


def _product(number: Number, factor: Number) -> Number:
    if isinstance(number, Decimal) and isinstance(factor, Decimal):
        return number * factor
    return Fraction(number) * Fraction(factor)


def _sum(number: Number, more: Decimal) -> Number:
    return number + more if isinstance(number, Decimal) else number + Fraction(more)


def amount_at(text: str, position: int) -> Amount | int:
    """The amount (or range) at ``position``; if there is none, the position at which to continue reading."""
    found = _one(text, position)
    if isinstance(found, int):
        return found
    ranged = _ranged(text, found)
    return ranged if ranged.certain or ranged.unit else max(found.end, _word_end(text, found.start, found.end))


def _one(text: str, position: int) -> Amount | int:
    match = NUMBER.match(text, position)
    if match is None:
        return position + 1
    number = _number(match)
    if isinstance(number, int):
        return number
    number = _more(text, number)
    for shape in (_fraction, _slash, _tenths, _halves):
        if shaped := shape(text, number):
            return shaped
    return _with_unit(text, number)


def _number(match: re.Match[str]) -> Amount | int:
    start, end = match.span()
    if match["arabic"]:
        numeral = read_numeral(match["arabic"])
        return Amount(start, end, numeral.value, numeral.place, bare=_bare(match["arabic"]))
    if match["some"]:  # 几十, 数百万
        scale = Decimal(scale_of(match.group()[1:]))
        return Amount(start, end, 2 * scale, scale, high=10 * scale - 1, side=0)
    if match["full"]:
        scale = Decimal(scale_of(match["full"]))
        blocked = _word_end(match.string, start, end)
        return blocked or Amount(start, end, scale, scale, side=0, certain=not match.string[end : end + 1].isalpha())
    if match["pair"]:
        return Amount(start, end, Decimal("俩仨".index(match["pair"]) + 2))
    if match["half"]:
        return _word_end(match.string, start, end) or Amount(start, end, Decimal("0.5"), Decimal("0.1"), certain=False)
    return _chinese(match.string, start, end)


def _chinese(text: str, start: int, end: int) -> Amount | int:
    whole = end
    if text.startswith("分之", end):
        numeral = read_numeral(text[start:end])
        return Amount(start, end, numeral.value, certain=False)
    for position in range(start, end):
        if position > start and text[position] in "十百千万亿":  # 三千万 is not split before 千万
            continue
        if blocked := _word_end(text, position, position + 1):
            if position == start:
                return max(blocked, whole)
            end = position
            break
    run = text[start:end]
    if several := _several(run):
        low, high = several
        return Amount(start, end, low.value, low.place, high=high.value, side=0, certain=len(run) > 2)
    large = any(c in "百千万亿" for c in run)
    if run[0] in "百千万亿" and not (_ALONE.match(text, end) or (len(run) > 1 and UNIT.match(text, end))):
        return whole
    if len(run) > 1 and not any(c in "零〇十百千万亿廿卅点" for c in run):  # 二八, 一二三
        return whole
    numeral = read_numeral(run)
    return Amount(
        start, end, numeral.value, numeral.place, certain=(large or "点" in run) and len(run) > 1, bare=_bare(run)
    )


_SEVERAL = re.compile(
    rf"(?P<head>[一二三四五六七八九]?[十百千]?)(?P<low>[{_DIGIT}])(?P<high>[{_DIGIT}])(?P<tail>[十百千万亿]*)"
)


def _several(run: str) -> tuple[Numeral, Numeral] | None:
    """The two ends of 二三十, 七八百, 十七八 or 三五; None for any other numeral."""
    match = _SEVERAL.fullmatch(run)
    if match is None or (match["head"] and match["head"][-1] not in "十百千"):
        return None
    low, high = DIGITS[match["low"]], DIGITS[match["high"]]
    if (
        low == 0
        or not (high == low + 1 or (low, high) == (3, 5))
        or (match["head"] and match["tail"][:1] not in ("", "万", "亿"))
    ):
        return None
    tail = match["tail"]
    ends = (read_numeral(f"{match['head']}{match[end]}{tail}") for end in ("low", "high"))
    first, second = ends
    return first, second


def _bare(numeral: str) -> Decimal | None:
    stem = numeral.rstrip("百千万亿")
    return read_numeral(stem).value if stem and stem != numeral else None


def _more(text: str, number: Amount) -> Amount:
    """The number combined with 多, 余, 来 or 几 and a multiplier for both: 10多万, 十几亿."""
    match = _MORE.match(text, number.end)
    last = text[number.end - 1]
    if match is None or not (last in "十百千万亿" or (last.isdigit() and number.value >= 10)):
        return number
    scale = Decimal(scale_of(match["tail"]))
    number = replace(number, end=match.end(), certain=number.certain or last in "十百千万亿", bare=None)
    if match["word"] == "几":
        if last != "十":
            return replace(number, end=match.start())
        return replace(number, value=number.value + 1, high=number.value + 9, side=0).times(scale)
    return replace(number, side=0 if match["word"] == "来" else 1, place=last_digit(number.value)).times(scale)


def last_digit(value: Number) -> Number:
    """The place value of the last non-zero digit, e.g. 1000 for 3000."""
    exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
    return Decimal(10) ** int(exact.normalize().as_tuple().exponent) if exact else Decimal(1)


def _fraction(text: str, number: Amount) -> Amount | None:
    """三分之一, 百分之三点五."""
    after = number.end + 2
    match = NUMBER.match(text, after) if text.startswith("分之", number.end) else None
    if match is None or not number.value:
        return None
    upper = read_numeral("一百") if match.group() == "百" else None
    several = _several(match.group()) if match["chinese"] else None
    if upper is None and not (match["chinese"] or match["arabic"]):
        return None
    low = several[0] if several else upper or read_numeral(match.group())
    share = Amount(number.start, match.end(), low.value, low.place, unit=(number.start, after))
    if several:
        share = replace(share, high=several[1].value, side=0)
    share = _more(text, share)
    if number.value in (100, 1000, 10000):
        scale = Decimal(1) / int(number.value)
        return replace(share.times(scale), scale=scale)
    return replace(share, value=Fraction(low.value) / Fraction(number.value), place=Decimal(0))


def _slash(text: str, number: Amount) -> Amount | None:
    match = _SLASH.match(text, number.end)
    if match is None or not text[number.start : number.end].isdigit() or not 0 < number.value < int(match["below"]):
        return None
    value = Fraction(int(number.value), int(match["below"]))
    return _with_unit(text, replace(number, end=match.end(), value=value, place=Decimal(0)))


def _tenths(text: str, number: Amount) -> Amount | None:
    """三成, 三成五, 七八成."""
    match = _TENTHS.match(text, number.end)
    if match is None or not 0 < number.value <= 10:
        return None
    tenth = Decimal("0.1")
    share = replace(number.times(tenth), unit=(number.end, number.end + 1), end=match.end(), certain=True, scale=tenth)
    if half := match["half"]:
        share = replace(share, value=_sum(share.value, read_numeral(half).value / 100), place=Decimal("0.01"))
    return share


def _halves(text: str, number: Amount) -> Amount | None:
    """一半; 三个半月 and 两年半; 三个多月."""
    if number.end - number.start == 1 and text[number.start] == "一" and _ONE_HALF.match(text, number.end):
        unit = (number.end, number.end + 1)
        return replace(number, end=unit[1], value=Decimal("0.5"), place=Decimal("0.1"), unit=unit, certain=True)
    match = _HALF_MORE.match(text, number.end)
    if match is None:
        return None
    if match["over"]:
        return replace(number, end=match.end(), side=1, unit=match.span("over"))
    unit = match.span("noun") if match["noun"] else match.span("unit")
    return replace(number, end=match.end(), value=_sum(number.value, Decimal("0.5")), place=Decimal("0.1"), unit=unit)


def _with_unit(text: str, number: Amount) -> Amount:
    match = UNIT.match(text, number.end)
    if match is None:
        return number
    start = match.start() + match.group().startswith(" ")
    scale = _SCALES.get(match.group().strip(), Decimal(1))
    return replace(number.times(scale), end=match.end(), unit=(start, match.end()), scale=scale)


def _ranged(text: str, low: Amount) -> Amount:
    """The amount, extended by the upper end of a range if one follows: 5-7吨, 三至五万元, 3%到5%."""
    join = _JOIN.match(text, low.end)
    if join is None or low.high is not None or not START.match(text, join.end()):
        return low
    high = _one(text, join.end())
    if isinstance(high, int) or high.high is not None:
        return low
    if low.unit and low.scale != 1 and not high.unit:  # 百分之三至五
        high = high.times(low.scale)
        return replace(low, end=high.end, high=high.value) if high.value > low.value else low
    if not (high.unit or (high.bare is not None) or (join["word"] and high.certain)):
        return low
    if low.unit is None:
        if low.bare is None and high.bare is not None and low.value < high.bare:
            low = low.times(Fraction(high.value) / Fraction(high.scale * high.bare))
        shared = low.times(high.scale)
    elif high.unit is None or not compatible(text[slice(*low.unit)], text[slice(*high.unit)]):
        return low
    else:
        shared = low
    if shared.value >= high.value:
        return low
    return replace(shared, end=high.end, high=high.value, unit=high.unit, certain=low.certain or high.certain)


@cache
def _words() -> re.Pattern[str]:
    lines = resources.files(__package__).joinpath("not_numerals.txt").read_text(encoding="utf-8").splitlines()
    patterns = [line.split("\t")[0] for line in lines if line and not line.startswith("#")]
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)))


def _word_end(text: str, start: int, end: int) -> int:
    """The end of the word that contains the numeral; 0 if there is none."""
    for position in range(max(0, start - 2), end):
        match = _words().match(text, position)
        if match is not None and match.end() > start:
            return match.end()
    return 0
