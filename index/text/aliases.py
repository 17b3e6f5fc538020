"""Short names that a text itself gives: 江州市总工会（以下简称“市总”）."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .names import Name, NameKind

# The bracket behind the full name; the short one in quotes or without.
_STATED = re.compile(
    r"[（(]\s*(?:以下|下文|下)?(?:均|统一|统)?(?:简称|称)(?:为|作)?\s*[：:]?\s*[“\"「『《]?(?P<short>[^）)”\"」』》，,。、（(]{2,20})[”\"」』》]?"
    r"(?:[、或]\s*[“\"「『](?P<other>[^）)”\"」』》]{2,20})[”\"」』])?\s*[）)]"
)
_FARTHEST = 2  # characters between the full name and the bracket: a closing quote or a space


@dataclass(frozen=True)
class Alias:
    """A short name that a text joins to a full one."""

    short: str
    full: str
    kind: NameKind


def aliases(text: str, names: Sequence[Name]) -> Iterator[Alias]:
    """The short names that ``text`` states for names in it.

    Args:
        text: what was read.
        names: the names in it, in order.
    """
    for match in _STATED.finditer(text):
        before = [name for name in names if match.start() - _FARTHEST <= name.end <= match.start()]
        if not before or text[before[-1].end : match.start()].strip('”"」』》 \u3000'):
            continue
        full = before[-1]
        for short in filter(None, (match["short"], match["other"])):
            if short.strip() != full.text:
                yield Alias(short.strip(), full.text, full.kind)
