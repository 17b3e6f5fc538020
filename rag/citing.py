"""Attribute the sentences of an answer to the sentences of the newspaper that support them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.article import Span
from index.passages import sentences
from index.words import QUESTION_WORDS, folded, words

from .results import Citation, Passage, Sentence

# Share of an answer's words that its cited sentences must hold, and how many of them may be cited at once.
_LEAST_COVERAGE = 0.6
_MOST_QUOTES = 3
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")


@dataclass(frozen=True)
class Quote:
    """A sentence of a passage, placed in its article's body."""

    passage: Passage
    span: Span

    @property
    def text(self) -> str:
        """The sentence as printed."""
        return self.passage.article.body[self.span.start : self.span.end]

    @property
    def searchable(self) -> str:
        """What it can support: itself, and its article's headline and date."""
        article = self.passage.article
        date = ""
        if article.date:
            year, month, day = article.date.split("-")
            date = f"{year}年{int(month)}月{int(day)}日"
        return folded(f"{self.text} {article.heading} {date}").replace(",", "")


@dataclass
class Citations:
    """Numbers quotations in the order in which they are first used."""

    found: list[Citation] = field(default_factory=list)

    def number(self, quote: Quote) -> int:
        """The citation's number; the same sentence always has the same one."""
        for citation in self.found:
            if citation.passage.article.id == quote.passage.article.id and citation.start == quote.span.start:
                return citation.number
        number = len(self.found) + 1
        self.found.append(Citation(number, quote.text, quote.span.start, quote.span.end, quote.passage))
        return number


def quotes(passages: Sequence[Passage]) -> list[Quote]:
    """Every sentence of ``passages``."""
    return [
        Quote(passage, Span(passage.start + span.start, passage.start + span.end))
        for passage in passages
        for span in sentences(passage.text)
    ]


def cite(text: str, available: Sequence[Quote], citations: Citations) -> list[Sentence]:
    """The sentences of ``text`` that ``available`` quotations support, each with its citations; others are dropped."""
    kept = []
    for span in sentences(text):
        sentence = text[span.start : span.end]
        support = supporting(sentence, available)
        if support:
            kept.append(Sentence(sentence, tuple(sorted({citations.number(quote) for quote in support}))))
    return kept


def supporting(sentence: str, available: Sequence[Quote]) -> list[Quote]:
    """The fewest quotations, at most three, that hold the sentence's numbers and enough of its words; else none."""
    wanted = _content(sentence)
    numbers = {number for number in wanted if _NUMBER.fullmatch(number)}
    chosen: list[Quote] = []
    missing = set(wanted)
    while missing and len(chosen) < _MOST_QUOTES:
        best = max((q for q in available if q not in chosen), key=lambda q: _gain(missing, q), default=None)
        if best is None or _gain(missing, best) == 0:
            break
        chosen.append(best)
        missing = {word for word in missing if word not in best.searchable}
        if not missing & numbers and _share(wanted, missing) >= _LEAST_COVERAGE:
            return chosen
    return []


def _content(sentence: str) -> set[str]:
    text = folded(sentence).replace(",", "")
    plain = {word for word in words(text) if word not in QUESTION_WORDS and not _NUMBER.fullmatch(word)}
    return plain | set(_NUMBER.findall(text))


def _gain(missing: set[str], quote: Quote) -> float:
    """Words newly covered, weighted by length; numbers count most."""
    text = quote.searchable
    return sum(10.0 if _NUMBER.fullmatch(word) else len(word) for word in missing if word in text)


def _share(wanted: set[str], missing: set[str]) -> float:
    total = sum(len(word) for word in wanted)
    return 1.0 - sum(len(word) for word in missing) / total if total else 0.0
