"""Scope mismatch: a question is limited to a year, number or organisation, but the newspaper only gives others.

For example, 「2022年的模拟法庭」 and a report on that of 2023, 「第12次科考队」 and the 13th, 「襄阳分行」 and
黄石分行: the article found is on the same matter, but does not answer the question. On 1,191 questions of CMRC and
DRCD with their own paragraphs, there is one false mismatch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.text import dates, numerals
from index.text.words import words

from .claims import Claim, Statement, bare, claims, stated

_TO = re.compile(r"\s?(?:至|到|[-\u2013\u2014~]+)\s?")
_NAMED = 2  # characters of a word that distinguishes one of a kind from another


def scope_mismatches(question: str, known: Sequence[Statement], context: str) -> list[Claim]:
    """Return the years, ordinal numbers and organisations in ``question`` for which the newspaper gives others.

    Args:
        known: the statements of the articles.
        context: the ``bare`` text of the articles.
    """
    asked = claims(question)
    missing = [claim for claim in asked if not stated(claim, known, context)]
    if any(claim.kind == "date" and claim not in missing for claim in asked):
        missing = [claim for claim in missing if claim.kind != "date"]  # 2025年比2024年: 同比 need not name the other
    return [claim for claim in missing if _others(claim, known, context)]


def _others(claim: Claim, known: Sequence[Statement], context: str) -> bool:
    """Whether the newspaper gives another value of the claim's kind."""
    if isinstance(claim.value, dates.DateMention):
        periods = [period for each in known for period in _periods(each)]
        year = claim.value.year
        return year is not None and bool(periods) and not any(first <= year <= last for first, last in periods)
    if isinstance(claim.value, numerals.Quantity):
        own = claim.value
        return own.ordinal and any(q.ordinal and q.unit == own.unit for each in known for q in each.quantities)
    return claim.detail == "organisation" and _of_another(claim.value, context)


def _periods(given: Statement) -> list[tuple[int, int]]:
    """The first and last year of each period stated: 2023—2025年 is one, and each single year is one too."""
    dated = [mention for mention in given.dates if mention.year]
    pairs = [(a, b) for a, b in pairwise(dated) if _TO.fullmatch(given.text[a.end : b.start])]
    return [(m.year or 0, m.year or 0) for m in dated] + [(a.year or 0, b.year or 0) for a, b in pairs]


def _of_another(name: str, context: str) -> bool:
    """Whether a similar name occurs instead: for 襄阳分行, the text contains 分行 but not 襄阳."""
    *own, head = words(name) or [""]
    if len(head) < _NAMED or bare(head) not in context:
        return False
    return any(len(word) >= _NAMED and bare(word) not in context for word in own)
