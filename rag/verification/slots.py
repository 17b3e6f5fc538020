"""Ask the newspaper for each thing that a sentence states: does it give the same?

Of 「35个中心、114个站」 the sentence 「建成35个站」 asks 「建成多少个站」, and the newspaper answers 114.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.models.pair import PairModel, Reading
from index.text import dates, numerals

from .claims import Claim, bare, statement
from .evidence import evidence

_MOST = 4  # claims of a sentence that are asked for
_ASKS = {
    "date": "什么时候",
    "person": "谁",
    "place": "哪里",
    "organisation": "哪个单位",
    "title": "什么",
    "quotation": "什么",
}
_FAR = 12.0  # a value that the text does not give is so far from the likeliest answer


@dataclass(frozen=True)
class Slot:
    """A claim asked for: the likeliest answer of the text, and by how much it beats what the sentence states."""

    claim: Claim
    answer: str
    margin: float


def slots(model: PairModel, sentence: str, own: Sequence[Claim], body: Sequence[str]) -> list[Slot]:
    """The claims of a sentence, each asked of the sentences of ``body`` that fit."""
    asked = [claim for claim in own if claim.kind in ("quantity", "date", "name", "title")][:_MOST]
    pairs = [(_question(sentence, claim), evidence(_question(sentence, claim), body)) for claim in asked]
    readings = model.read(pairs)
    return [_slot(claim, text, reading) for claim, (_, text), reading in zip(asked, pairs, readings, strict=True)]


def _question(sentence: str, claim: Claim) -> str:
    asks = (
        f"多少{claim.value.unit}" if isinstance(claim.value, numerals.Quantity) else _ASKS[claim.detail or claim.kind]
    )
    return f"{sentence[: claim.start]}{asks}{sentence[claim.end :].rstrip('。！；')}？"


def _slot(claim: Claim, text: str, reading: Reading) -> Slot:
    places = _places(claim, text)
    own = max((reading.of(start, end) for start, end in places), default=reading.span - _FAR)
    return Slot(claim, text[reading.start : reading.end], min(_FAR, max(0.0, reading.span - own)))


def _places(claim: Claim, text: str) -> list[tuple[int, int]]:
    """Where the text gives what the claim states."""
    if isinstance(claim.value, numerals.Quantity):
        own = claim.value
        return [(q.start, q.end) for q in statement(text).quantities if numerals.agrees(own, q)]
    if isinstance(claim.value, dates.DateMention):
        mention = claim.value
        return [(d.start, d.end) for d in statement(text).dates if dates.agrees(mention, d)]
    start = text.find(claim.text)
    return [(start, start + len(claim.text))] if start >= 0 and bare(claim.text) else []
