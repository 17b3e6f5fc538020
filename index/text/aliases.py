"""Short forms that a text itself defines: 江州市总工会（以下简称“市总”）."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .names import Name, NameKind

# The bracket after the full name; the short form may be in quotes.
_STATED = re.compile(
    r"[（(]\s*(?:以下|下文|下)?(?:均|统一|统)?(?:简称|称)(?:为|作)?\s*[：:]?\s*[“\"「『《]?(?P<short>[^）)”\"」』》，,。、（(]{2,20})[”\"」』》]?"
    r"(?:[、或]\s*[“\"「『](?P<other>[^）)”\"」』》]{2,20})[”\"」』])?\s*[）)]"
)
_FARTHEST = 2  # characters between the full name and the bracket: a closing quote or a space


@dataclass(frozen=True)
class Alias:
    """A short form that a text links to a full name."""

    short: str
    full: str
    kind: NameKind


def aliases(text: str, names: Sequence[Name]) -> Iterator[Alias]:
    """Yield the short forms that ``text`` states for names in it.

    Args:
        text: the text to search.
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
