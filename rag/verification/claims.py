"""Claims in a sentence that can be compared by value: quantities, dates, names, titles, quoted words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.models.taggers import name_tagger
from index.text import dates, numerals
from index.text.folding import folded
from index.text.names import Name

ClaimKind = Literal["quantity", "date", "name", "title", "quotation"]

_QUOTED = re.compile(r"[“「『]([^”」』\n]{2,60})[”」』]")
_TITLE = re.compile(r"《([^》\n]{1,60})》")
_SHORTENED = ("organisation", "place")
_SHORTEST = 2  # characters; names this short could abbreviate anything
_GAP = 6  # characters between two characters of a short form
_NO_WORD = re.compile(r"[\W_]")


@dataclass(frozen=True)
class Claim:
    """A checkable claim in a sentence: ``text == sentence[start:end]``; ``value`` depends on its kind.

    ``detail`` says of a name whether it is a person, a place or an organisation.
    """

    kind: ClaimKind
    text: str
    start: int
    end: int
    value: numerals.Quantity | dates.DateMention | str
    detail: str = ""

    @property
    def exact(self) -> bool:
        """Whether it must be printed to be supported: figures in digits, days, titles and quoted words.

        A name may be written differently, and 三类 or 两季 may be the speaker's own count.
        """
        if isinstance(self.value, dates.DateMention):
            return self.value.day is not None
        return self.kind in ("title", "quotation") or (self.kind == "quantity" and any(map(str.isdigit, self.text)))


@dataclass(frozen=True)
class Statement:
    """A text with the quantities and dates that it states; ``plain``: folded, without spaces and punctuation."""

    text: str
    plain: str
    quantities: tuple[numerals.Quantity, ...]
    dates: tuple[dates.DateMention, ...]


@lru_cache(maxsize=4096)
def statement(text: str, date: str | None = None) -> Statement:
    """Return what a text states, given the date of its article."""
    base = datetime.date.fromisoformat(date) if date else None
    return Statement(text, bare(text), tuple(numerals.quantities(text)), tuple(dates.dates(text, base)))


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Return ``text`` in simplified characters, lower case and half width, without spaces and punctuation."""
    return _NO_WORD.sub("", folded(text))


def claims(sentence: str) -> list[Claim]:
    """Return the claims of a sentence, in order."""
    return sorted(_claims(sentence), key=lambda claim: (claim.start, claim.end))


def _claims(sentence: str) -> Iterator[Claim]:
    for quantity in numerals.quantities(sentence):
        if quantity.value == 1 and "一" in quantity.text:
            continue  # 一家饭店 and 第一次 (also printed as 首次) are not counts
        yield Claim("quantity", quantity.text, quantity.start, quantity.end, quantity)
    for mention in dates.dates(sentence):
        yield Claim("date", mention.text, mention.start, mention.end, mention)
    for name in _names(sentence):
        yield Claim(
            "title" if name.kind == "title" else "name", name.text, name.start, name.end, bare(name.text), name.kind
        )
    for kind, pattern in (("title", _TITLE), ("quotation", _QUOTED)):
        for match in pattern.finditer(sentence):
            yield Claim(kind, match[1], match.start(1), match.end(1), bare(match[1]))  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def _names(sentence: str) -> tuple[Name, ...]:
    return tuple(name_tagger().names(sentence))


def stated(claim: Claim, known: Iterable[Statement], context: str) -> bool:
    """Return whether the newspaper states the claim's value.

    Args:
        known: the statements in which a quantity or a date is looked up.
        context: the ``bare`` text in which a name is looked up: the article and its headline.
    """
    if isinstance(claim.value, numerals.Quantity):
        own = claim.value
        return any(numerals.agrees(own, other) for each in known for other in each.quantities) or _printed(own, known)
    if isinstance(claim.value, dates.DateMention):
        own_date = claim.value
        others = (other for each in known for other in each.dates)
        return any(dates.agrees(own_date, o) for o in others if own_date.day is None or o.day is not None)
    return (
        not claim.value or claim.value in context or (claim.detail in _SHORTENED and _short_for(claim.value, context))
    )


def _short_for(name: str, context: str) -> bool:
    """Whether a name consists of characters of a longer one in order: 证监会 of 证券及期货事务监察委员会."""
    return len(name) > _SHORTEST and bool(re.search(f".{{0,{_GAP}}}?".join(map(re.escape, name)), context))


def _printed(quantity: numerals.Quantity, known: Iterable[Statement]) -> bool:
    """Whether the same characters are printed, whatever unit they were read with."""
    return any(bare(quantity.text) in each.plain for each in known)


def alternatives(claim: Claim, known: Iterable[Statement]) -> list[str]:
    """Return what the newspaper states instead: quantities with the same unit, or dates."""
    if isinstance(claim.value, numerals.Quantity):
        unit = claim.value.unit
        return list(dict.fromkeys(q.text for each in known for q in each.quantities if q.unit == unit))
    if isinstance(claim.value, dates.DateMention):
        return list(dict.fromkeys(mention.text for each in known for mention in each.dates))
    return []
