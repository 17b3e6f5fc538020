"""The value of one numeral: 1,378.06, 二十三, 两亿三千万, 1万2千, 三万五, 二〇二三."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|[零〇一二两三四五六七八九]+|[十百千万亿]")

_FULL_WIDTH = {ord(c) + 0xFEE0: c for c in string.printable[:94] if c != ","}
_THOUSANDS = re.compile(r"(?<=[０-９])，(?=[０-９]{3})")  # elsewhere, ， ends a clause
_TRADITIONAL = dict(
    zip(
        map(ord, "萬億兩餘幾個來點負噸條隻圓塊週時間後內後號數過約號畝頃層歲種場項輛臺倆"),
        "万亿两余几个来点负吨条只元块周时间后内后号数过约号亩顷层岁种场项辆台俩",
        strict=True,
    )
)
_PLAIN = _FULL_WIDTH | _TRADITIONAL | {0x3000: " ", 0x2212: "-", 0x301C: "~"}


@dataclass(frozen=True)
class Numeral:
    """The value of a numeral and the place value of its last printed digit: 3.52万 is 35200, printed to 100."""

    value: Decimal
    place: Decimal


def plain(text: str) -> str:
    """``text`` with half-width signs and simplified numerals; every character keeps its position."""
    return _THOUSANDS.sub(",", text).translate(_PLAIN)


def read_numeral(text: str) -> Numeral:
    """The value of a numeral in Arabic digits, Chinese characters or both; 0 if it is empty."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    whole, point, rest = text.partition("点")
    if point:  # 十二点五亿
        digits = len(rest) - len(rest.lstrip("零〇一二两三四五六七八九"))
        fraction = "".join(str(DIGITS[c]) for c in rest[:digits])
        scale = scale_of(rest[digits:])
        return Numeral(Decimal(f"{_read(whole).value}.{fraction}") * scale, Decimal(10) ** -digits * scale)
    return _read(text)


def scale_of(tail: str) -> int:
    """The factor that 百万 and similar endings multiply a number by."""
    scale = 1
    for character in tail:
        scale *= _SMALL.get(character) or _LARGE[character]
    return scale


def _read(text: str) -> Numeral:
    total = section = number = Decimal(0)
    place, last, largest = Decimal(1), 1, 1
    tokens = _TOKEN.findall(text)
    for token, following in zip_longest(tokens, tokens[1:], fillvalue=""):
        if token in _SMALL:
            last = _SMALL[token]
            section += (number or Decimal(1)) * last
            place *= last if largest > 1 or place < 1 else 1  # 三千 is exact, the 五千 of 三万五千 is not
            number = Decimal(0)
        elif token in _LARGE:
            last = _LARGE[token]
            section += number
            if last > largest:
                total = (total + section or Decimal(1)) * last
            else:
                total += (section or Decimal(1)) * last
            place *= last
            largest = max(largest, last)
            number = section = Decimal(0)
        else:
            number, place = _literal(token)
            if not following and last > 10 and len(token) == 1 and number:  # 三万五, 一百二
                number, place = number * last / 10, Decimal(last) / 10
    return Numeral(total + section + number, place)


def _literal(token: str) -> tuple[Decimal, Decimal]:
    written = token.replace(",", "") if token.isascii() else "".join(str(DIGITS[c]) for c in token)
    _, point, decimals = written.partition(".")
    return Decimal(written), Decimal(10) ** -len(decimals) if point else Decimal(1)
