"""Quantities in Chinese newspaper text: find them, evaluate them, and compare two of them.

A numeral in Chinese characters is a quantity if a measure word follows it (三名) or if it can be nothing else
(两亿三千万, 三成五); ``not_numerals.txt`` lists words that look like one (进一步, 十分). Dates, clock times, telephone
numbers and names such as C919 are not quantities.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .amounts import START, Amount, Number, amount_at, last_digit
from .dates import date_spans
from .digits import plain
from .units import UNIT, compatible, unit_of

_ROUND = re.compile(
    r"(?:(?P<less>不超过|不到|不足|不及|未满|将近|接近|近|少于|低于|至多|最多)"
    r"|(?P<more>超过?|逾|突破|高于|多于|不少于|不低于|至少|大于|[上过])|(?P<about>大?约|大概|大致|估计))(?:人民币)?$"
)
_AROUND = re.compile(
    r"(?P<about>左右|上下|许(?![多可]))|(?P<more>以上|多(?![元样次年名位个种项])|余(?![下额名人]))|(?P<less>以下|以内|之内)"
)
_NAME_BEFORE = re.compile(
    r"(?:[A-Za-z_#№@][A-Za-z\d_.]*[-/]?|[A-Za-z]+\s|(?:电话|热线|拨打|邮编|编号|账号|号码|代码|证号|车牌|邮箱)(?:为|是|:)?)$"
)
_NAME_AFTER = re.compile(
    r"\s?(?:号(?!称)|后(?![天年来的,])|路(?:公交|车)|国道|省道|次列车|航班|政务|热线|专线|急救|指挥中心|高校|工程|版)"
)
_TOKEN = re.compile(r"\d++(?:,\d{3}(?!\d))*+(?:[.:/-]\d+)*+")
_PLAIN_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:-\d[\d,]*(?:\.\d+)?)?|\d+/\d+")
_NAMELESS = re.compile(r"0\d+|(?:19|20)\d\d|\d{7,}")  # telephone numbers, bare years, codes
_LETTER = re.compile(r"[A-Za-z_]|\.[A-Z]")
_CURRENCY = "$¥€£"
_MOST_OFF = Fraction(1, 20)  # maximum deviation of a rounded figure from the exact one
_ABOUT_OFF = Fraction(1, 10)  # the same for approximations such as 约3000


@dataclass(frozen=True)
class Quantity:
    """A quantity in a text.

    ``value`` is its value (3.2亿元: 320000000; 三成 and 30%: 0.3), ``high`` the upper end of a range (5至7吨), ``unit``
    what is printed after the number. ``place`` is the place value of the last printed digit: 10000000 in 3.2亿. For an
    approximate number, ``side`` says where the exact one is: 1 above it (3000多), -1 below it (近3000), 0 around it.
    """

    text: str
    start: int
    end: int
    value: Number
    high: Number | None
    unit: str
    approximate: bool
    ordinal: bool = False
    place: Number = Decimal(1)
    side: int = 0


def quantities(text: str) -> list[Quantity]:
    """The quantities in ``text``, in order, without dates and names."""
    return list(_quantities(text, plain(text)))


def _quantities(text: str, clean: str) -> Iterator[Quantity]:
    spans = date_spans(clean)
    position = following = 0
    while start := START.search(clean, position):
        position = start.start()
        while following < len(spans) and spans[following][1] <= position:
            following += 1
        if following < len(spans) and spans[following][0] <= position:
            position = spans[following][1]
            continue
        skipped = _identifier_end(clean, position) if clean[position].isdigit() else 0
        found = skipped or amount_at(clean, position)
        if isinstance(found, int):
            position = found
        else:
            position = found.end
            yield _quantity(text, clean, found)


def _quantity(text: str, clean: str, amount: Amount) -> Quantity:
    start, sign = _sign(clean, amount.start)
    ordinal = clean[start - 1 : start] == "第"
    side, end = _approximation(clean, start, amount)
    unit = text[slice(*amount.unit)] if amount.unit else ""
    if clean[start - 1 : start] in tuple(_CURRENCY):
        start -= 1
        unit = unit or text[start]
    start -= ordinal
    return Quantity(
        text[start:end],
        start,
        end,
        sign * amount.value,
        sign * amount.high if amount.high is not None else None,
        unit,
        side is not None,
        ordinal,
        amount.place,
        side or 0,
    )


def _sign(clean: str, start: int) -> tuple[int, int]:
    """The start of a number's sign, and its factor; 胜负 and a hyphen after a letter are not signs."""
    before = clean[max(0, start - 3) : start]
    if before.endswith("零下"):
        return start - 2, -1
    if before.endswith("-") and not re.search(r"[\w)]-$", before, re.ASCII):
        return start - 1, -1
    if before.endswith("负") and not re.search(r"[\d一二三四五六七八九胜]负$", before):
        return start - 1, -1
    return start, 1


def _approximation(clean: str, start: int, amount: Amount) -> tuple[int | None, int]:
    """Where the exact number is (None if this one is exact), and the end including the words that say so."""
    side, end = amount.side, amount.end
    if after := _AROUND.match(clean, end):
        side, end = _side(after), after.end()
    if before := _ROUND.search(clean, max(0, start - 6), start):
        side = _side(before)
    return side, end


def _side(match: re.Match[str]) -> int:
    return 1 if match["more"] else -1 if match["less"] else 0


def _identifier_end(clean: str, position: int) -> int:
    """The end of a digit string that is an identifier (C919, 12345热线, 4-18, [3]); 0 for a number."""
    token = _TOKEN.match(clean, position)
    assert token is not None
    digits, end = token.group(), token.end()
    if _NAME_BEFORE.search(clean, max(0, position - 12), position) or not _PLAIN_NUMBER.fullmatch(digits):
        return _token_end(clean, end)
    if UNIT.match(clean, end) or clean[end : end + 1] in tuple("百千万亿多余成来") or clean.startswith("分之", end):
        return 0
    around = clean[position - 1 : position] + clean[end : end + 1]
    listed = around[:1] in ("", "\n") and around[-1:] in (".", "、", ")")
    named = _NAME_AFTER.match(clean, end) or _NAMELESS.fullmatch(digits) or _LETTER.match(clean, end)
    return _token_end(clean, end) if named or listed or "-" in digits or around in ("[]", "()") else 0


def _token_end(clean: str, position: int) -> int:
    while clean[position : position + 1].isalnum() and clean[position].isascii():
        position += 1
    return position


def agrees(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities can be the same, with one possibly rounded (563亿 and 563.44亿) or approximate."""
    if a.ordinal != b.ordinal or not compatible(a.unit, b.unit):
        return False
    one, other = _in_first_unit(a), _in_first_unit(b)
    if one.low == other.low and one.high == other.high:
        return True
    if one.is_range and other.is_range:
        return one.low == other.low and one.high == other.high
    if one.is_range or other.is_range:
        several, single = (one, other) if one.is_range else (other, one)
        return several.approximate and several.low <= single.low <= several.high
    coarse, exact = (one, other) if one.place >= other.place else (other, one)
    return (not coarse.side and _rounds_to(coarse, exact)) or any(
        _near(x, y) for x, y in ((one, other), (other, one)) if x.approximate
    )


@dataclass(frozen=True)
class _Measured:
    low: Fraction
    high: Fraction
    place: Fraction
    approximate: bool
    side: int

    @property
    def is_range(self) -> bool:
        return self.low != self.high


def _in_first_unit(quantity: Quantity) -> _Measured:
    factor = unit_of(quantity.unit).factor
    low = Fraction(quantity.value) * factor
    high = low if quantity.high is None else Fraction(quantity.high) * factor
    place = Fraction(quantity.place) * factor
    return _Measured(min(low, high), max(low, high), place, quantity.approximate, quantity.side)


def _rounds_to(coarse: _Measured, exact: _Measured) -> bool:
    """Whether the coarser number is the finer one, rounded or truncated at the coarser one's last printed digit."""
    if coarse.place == exact.place or not coarse.place:
        return False
    steps = abs(exact.low) / coarse.place
    printed = abs(coarse.low) / coarse.place
    near = abs(coarse.low - exact.low) <= _MOST_OFF * abs(exact.low)
    return near and coarse.low * exact.low > 0 and printed in (math.floor(steps), math.floor(steps + Fraction(1, 2)))


def _near(approximate: _Measured, other: _Measured) -> bool:
    """Whether a number is in the range given by 近3000, 3000多 or 约3000."""
    off = abs(other.low) - abs(approximate.low)
    if approximate.side > 0:
        return 0 <= off < last_digit(approximate.low)
    within = abs(off) <= _ABOUT_OFF * abs(approximate.low)
    return within and (off <= 0 or approximate.side == 0)
