"""Comparison and development questions, divided by code into parts that are questions of their own.

比较A和B的X → A的X and B的X; X是怎么变化的 → X in each period of which there are reports. No model divides anything.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["comparison", "development"]
MonthsOf = Callable[[str], Mapping[str, int]]  # reports a month (2024-07) that have these words

_MOST_PERIODS = 6
_AND = r"(?:和|与|跟|同|、|以及)"
_SIDE = r"[^，。？?和与跟同、以]{1,20}"
_DIFFERS = (
    r"(?:有(?:什么|何|哪些|啥)?(?:不同|不一样|区别|差别|差异|变化|异同)|(?:有什么|哪里|哪些地方)?(?:不同|不一样)|相差(?:多少|多大)|"
    r"(?:哪个|谁|哪一个|哪边|哪里)(?:更?[\u4e00-\u9fff]{1,3}))"
)

# Each with questions that it must match; they are its tests.
_COMPARISONS = (
    # 比较江州和云桥的高温津贴标准 对比2024年和2025年的夜校报名情况
    rf"(?:请|帮我|试)?(?:比较|对比|比一比|对照)(?:一下)?(?P<a>{_SIDE}){_AND}(?P<b>{_SIDE}?)(?:两地|两年|两者|二者|两市|双方)?(?:的|在)(?P<of>.{{1,40}}?)(?:上|方面)?",
    # 江州的高温津贴和云桥的高温津贴有什么不同
    rf"(?P<a>{_SIDE})的(?P<of>.{{1,30}}?){_AND}(?P<b>{_SIDE})的(?P=of){_DIFFERS}",
    # 江州和云桥的高温津贴有什么不同 2024年与2025年的夜校有哪些区别
    rf"(?P<a>{_SIDE}){_AND}(?P<b>{_SIDE}?)(?:两地|两年|两者|两市|双方)?(?:的|在)(?P<of>.{{1,40}}?)(?:上|方面)?{_DIFFERS}",
    # 江州同云桥相比，高温津贴有什么不同
    rf"(?P<a>{_SIDE})(?:和|与|跟|同|比起|较之)(?P<b>{_SIDE})(?:相比|比较|比起来|对比)[，,]?(?P<of>.{{1,40}}?)(?:上|方面)?{_DIFFERS}",
)
_DEVELOPMENTS = (
    # 高温津贴是怎么变化的 夜校这几年是如何发展起来的
    r"(?P<topic>.{2,40}?)(?:这些年|这几年|近年来|几年来|一年来|历年来?|先后)?(?:是|都)?(?:怎么|怎样|如何)(?:一步步)?(?:变化|演变|发展|变迁|推进|进展)(?:过来|起来|至今)?的?",
    # 高温津贴有什么变化 夜校经历了哪些变化
    r"(?P<topic>.{2,40}?)(?:这些年|这几年|近年来|几年来|一年来|历年来?)?(?:先后)?(?:有|发生|经历)了?(?:什么|哪些|怎样的)(?:变化|进展|演变|发展)",
    # 梳理柳河大桥维修的经过 回顾夜校的发展历程
    r"(?:请|帮我)?(?:梳理|回顾|理一理|讲讲|说说|介绍)(?:一下)?(?P<topic>.{2,40}?)(?:这件事|一事|事件)?的?(?:经过|始末|来龙去脉|前因后果|发展历程|历程|过程|进展|时间线|变化)",
    # 柳河大桥维修的来龙去脉是什么
    r"(?P<topic>.{2,40}?)(?:这件事|一事|事件)?的(?:经过|始末|来龙去脉|前因后果|发展历程|变化过程)(?:是什么|是怎样的|如何|是怎么回事)?",
)
_YEAR = re.compile(r"(?:(?:19|20)\d{2}|[去今前]|明)年")


@dataclass(frozen=True)
class Part:
    """A question of its own, what its line is headed, and when it looks (ISO dates; None: open)."""

    label: str
    question: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Division:
    """A question in parts, in the order in which they are told."""

    kind: Kind
    parts: tuple[Part, ...]


def divide(question: str, months_of: MonthsOf) -> Division | None:
    """The parts of a comparison or development question; None where it is neither, or has fewer than two parts.

    Args:
        question: as it is understood.
        months_of: how many reports there are of some words, by month; asked for developments alone.
    """
    asked = re.sub(r"\s", "", question).strip("？?。！!")
    for form in _COMPARISONS:
        if match := re.fullmatch(form, asked):
            return _comparison(match)
    for form in _DEVELOPMENTS:
        if match := re.fullmatch(form, asked):
            topic = match["topic"].removesuffix("的")
            parts = tuple(
                Part(label, f"{topic}怎么样？", since, until) for label, since, until in _periods(months_of(topic))
            )
            return Division("development", parts) if len(parts) > 1 else None
    return None


def _comparison(match: re.Match[str]) -> Division | None:
    a, b, of = match["a"], match["b"], match["of"].removesuffix("的")
    if a == b:
        return None
    parts = [
        Part(side, f"{side}的{of}是什么？" if not _YEAR.search(side) else f"{side}{of}怎么样？") for side in (a, b)
    ]
    return Division("comparison", tuple(parts))


def _periods(months: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """Label, first and last date of each month with reports; of years, where there are too many; the last ones then."""
    held = sorted(month for month, count in months.items() if count)
    if len(held) <= _MOST_PERIODS:
        return [(f"{month[:4]}年{int(month[5:])}月", f"{month}-01", f"{month}-{_last(month)}") for month in held]
    years = sorted({month[:4] for month in held})
    if len(years) == 1:  # a long year, by quarters
        quarters = sorted({(int(month[5:]) - 1) // 3 for month in held})
        return [_quarter(years[0], number) for number in quarters]
    return [(f"{year}年", f"{year}-01-01", f"{year}-12-31") for year in years[-_MOST_PERIODS:]]


def _quarter(year: str, number: int) -> tuple[str, str, str]:
    first, last = 3 * number + 1, f"{year}-{3 * number + 3:02d}"
    return f"{year}年{first}至{first + 2}月", f"{year}-{first:02d}-01", f"{last}-{_last(last)}"


def _last(month: str) -> int:
    return calendar.monthrange(int(month[:4]), int(month[5:]))[1]
