"""Units and measure words: which can follow a number, which mean the same, and how to convert them.

They are listed in ``units.tsv``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources

_LATIN = (
    r"(?:(?i:km/h|km²|km2|km|kg|kwh|kw|kv|mwh|mw|gw|m²|m2|m³|m3|mm|cm|ml|mg|nm|um|gb|mb|tb|kb|ghz|mhz|khz|hz|db|min|°c)"
    r"|ms|[mgthLWV])"  # 5G is not a weight
)


@dataclass(frozen=True)
class Unit:
    """The measured or counted kind, and the factor to that kind's first unit; counted kinds begin with #."""

    kind: str
    factor: Fraction = Fraction(1)


def _read() -> tuple[dict[str, Unit], dict[str, str]]:
    known, guards = {}, {}
    for line in resources.files(__package__).joinpath("units.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            word, kind, factor, *guard = line.split("\t")
            known[word] = Unit(kind, Fraction(factor))
            guards[word] = f"(?!{guard[0]})" if guard else ""
    return known, guards


_KNOWN, _GUARDS = _read()


def _unit_pattern() -> str:
    spoken = [w for w in _KNOWN if (not w.isascii() or w == "%") and w[0] not in "半¥€£"]
    guarded = (re.escape(w) + _GUARDS[w] for w in sorted(spoken, key=len, reverse=True))
    one = rf"(?:{'|'.join(guarded)}|{_LATIN}(?![A-Za-z0-9]))"
    return rf"\ ?{one}(?:/{one})?"


UNIT = re.compile(_unit_pattern())


def unit_of(printed: str) -> Unit:
    """The meaning of a printed unit; 公里/小时 is a kind of its own, as is any unknown unit."""
    name = printed.strip().lower()
    name = {"km/h": "公里/小时", "％": "%"}.get(name, name)
    if name.endswith("分之"):
        return _KNOWN["%"]
    if name in _KNOWN:
        return _KNOWN[name]
    above, slash, below = name.partition("/")
    if slash and above in _KNOWN and below in _KNOWN:
        over, under = _KNOWN[above], _KNOWN[below]
        return Unit(f"{over.kind}/{under.kind}", over.factor / under.factor)
    return Unit(name)


def compatible(a: str, b: str) -> bool:
    """Whether two printed units can measure the same; a missing unit fits any, 个 fits everything that is counted."""
    kinds = {unit_of(a).kind, unit_of(b).kind}
    return not (a and b) or len(kinds) == 1 or ("#" in kinds and all(kind.startswith("#") for kind in kinds))
