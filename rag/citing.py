"""Attribute the sentences of an answer to the sentences of the newspaper that support them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from index.article import Span
from index.passages import sentences
from index.words import QUESTION_WORDS, folded, words

from .results import Citation, Passage, Sentence

# Share of an answer's words that its cited sentences must hold together, and that each must hold by itself; and how
# many of them may be cited at once.
_LEAST_COVERAGE = 0.6
_MOST_QUOTES = 3
_LEAST_RELATED = 0.25
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")


@dataclass(frozen=True)
class Quote:
    """A sentence of a passage, placed in its article's body."""

    passage: Passage
    span: Span

    @property
    def text(self) -> str:
        """The sentence as printed."""
        return self.passage.article.body[self.span.start : self.span.end]

    @cached_property
    def terms(self) -> Terms:
        """What it can support: itself, and its article's headline and date."""
        article = self.passage.article
        date = ""
        if article.date:
            year, month, day = article.date.split("-")
            date = f"{year}年{int(month)}月{int(day)}日"
        return _terms(f"{self.text} {article.heading} {date}")


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
    """The fewest quotations, at most three, that hold the sentence's numbers and enough of its words; else none.

    A quotation that shares little but a number with the sentence supports nothing: the number is of something else.
    """
    wanted = _terms(sentence)
    related = [quote for quote in available if _share(wanted.words, quote.terms.text) >= _LEAST_RELATED]
    chosen: list[Quote] = []
    missing = wanted
    while missing and len(chosen) < _MOST_QUOTES:
        best = max((q for q in related if q not in chosen), key=lambda q: missing.held_by(q.terms), default=None)
        if best is None or missing.held_by(best.terms) == 0:
            return []
        chosen.append(best)
        missing = missing.without(best.terms)
        covered = _weight(wanted.words - missing.words) >= _LEAST_COVERAGE * _weight(wanted.words)
        if covered and not missing.numbers:
            return chosen
    return []


@dataclass(frozen=True)
class Terms:
    """What a text says: its text without case and width, its words, and its numbers as whole numbers."""

    text: str
    words: frozenset[str]
    numbers: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.words or self.numbers)

    def held_by(self, other: Terms) -> float:
        """How much of these terms ``other`` holds; a number counts as much as a long word."""
        held = {word for word in self.words if word in other.text}
        return _weight(held) + 10.0 * len(self.numbers & other.numbers)

    def without(self, other: Terms) -> Terms:
        """The terms that ``other`` does not hold."""
        words_left = frozenset(word for word in self.words if word not in other.text)
        return Terms(self.text, words_left, self.numbers - other.numbers)


def _terms(text: str) -> Terms:
    plain = _THOUSANDS.sub("", folded(text))
    numbers = frozenset(_NUMBER.findall(plain))
    content = (word for word in words(plain) if word not in QUESTION_WORDS and not _NUMBER.fullmatch(word))
    return Terms(plain, frozenset(content), numbers)


def _weight(some: Iterable[str]) -> float:
    """Words by length: a name says more than a particle."""
    return float(sum(len(word) for word in some))


def _share(wanted: Collection[str], text: str) -> float:
    total = _weight(wanted)
    return _weight(word for word in wanted if word in text) / total if total else 0.0
