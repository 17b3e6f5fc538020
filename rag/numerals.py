"""Numbers as newspapers write them: 「二十一名」is 21 people, 「1.1万」11,000, 「百分之二十」20%."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}

_ARABIC = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)(?:[多余来]?(?P<unit>万亿|千万|百万|[百千](?![米克瓦卡])|万|亿))?(?P<percent>%|个百分点)?"
)
_CHINESE = re.compile(
    r"(?P<percent>百分之)?(?P<number>[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?)(?P<points>个百分点)?"
)
_COUNTED = re.compile(r"[年月日号时分个名人位次届期版家篇条项只岁天周元倍级等层楼枚场种]")
# What is measured, under one name where there are several ways to write it.
MEASURES = {
    "美元": "美[元金]",
    "欧元": "欧元",
    "英镑": "英镑",
    "日元": "日[元圆]",
    "韩元": "韩元",
    "港元": "港[元币]",
    "卢布": "卢布",
    "元": "元|块钱|人民币",
    "人": "个?人|名|位(?![数于置列居])|例",
    "公斤": "公斤|千克",
    "斤": "斤",
    "吨": "吨",
    "公里": "公里|千米",
    "米": "米",
    "平方米": "平方?米",
    "亩": "亩",
    "公顷": "公顷",
    "年": "周?年",
    "个月": "个月",
    "天": "天",
    "小时": "个?小时",
    "分钟": "分钟",
    "岁": "周?岁",
}
_MEASURE = re.compile(f"[多余几来]?(?:{'|'.join(f'(?P<{name}>{pattern})' for name, pattern in MEASURES.items())})")


@dataclass(frozen=True)
class Number:
    """A number in a text.

    ``value``: in digits, a percentage with its sign. ``certain``: that it is one; 「一起」holds none. ``measures``:
    whether it can measure something, as 「第三」and 20% do not. ``measure``: what of ``MEASURES``; empty: not told.
    """

    value: str
    certain: bool
    measures: bool
    measure: str


def read_numbers(plain: str) -> Iterator[Number]:
    """The numbers of a text that is in half width and has no spaces and no thousands separators."""
    for match in _ARABIC.finditer(plain):
        value = Decimal(match["number"])
        for character in match["unit"] or "":
            value *= _UNITS.get(character) or _LARGE[character]
        yield _number(match, value, bool(match["percent"]), certain=True)
    for match in _CHINESE.finditer(plain):
        several = len(match["number"]) > 1 and match["number"][0] not in "百千万亿"
        certain = _is_ordinal(match) or (several and bool(match["percent"] or _COUNTED.match(plain, match.end())))
        yield _number(match, chinese_value(match["number"]), bool(match["percent"] or match["points"]), certain=certain)


def is_number(word: str) -> bool:
    """Whether a word is nothing but a number."""
    return bool(_ARABIC.fullmatch(word) or _CHINESE.fullmatch(word))


def chinese_value(text: str) -> Decimal:
    """The value of a Chinese numeral."""
    whole, _, fraction = text.partition("点")
    if not any(c in _UNITS or c in _LARGE for c in whole):
        value = int("".join(str(_DIGITS[c]) for c in whole))
    else:
        value = section = digit = 0
        for character in whole:
            if character in _DIGITS:
                digit = _DIGITS[character]
            elif character in _UNITS:
                section += (digit or (0 if section else 1)) * _UNITS[character]
                digit = 0
            else:
                value = (value + section + digit or 1) * _LARGE[character]
                section = digit = 0
        value += section + digit
    if not fraction:
        return Decimal(value)
    return Decimal(f"{value}.{''.join(str(_DIGITS[c]) for c in fraction)}")


def _number(match: re.Match[str], value: Decimal, percent: bool, *, certain: bool) -> Number:
    measures = not percent and not _is_ordinal(match)
    after = _MEASURE.match(match.string, match.end()) if measures else None
    measure = after.lastgroup if after else None
    return Number(f"{value.normalize():f}{'%' if percent else ''}", certain, measures, measure or "")


def _is_ordinal(match: re.Match[str]) -> bool:
    return match.string.endswith("第", 0, match.start())
