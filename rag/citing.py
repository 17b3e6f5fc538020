"""Attribute the sentences of an answer to the sentences of the newspaper that support them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from index.article import Span
from index.passages import sentences
from index.words import naming_words

from .abbreviations import says
from .evidence import Excerpt
from .kinds import asks_who
from .respectively import of_others
from .results import Citation, Passage, Sentence
from .terms import Terms, amounts, days, numbers, plain_text, relative_times, terms, times

# Share of an answer's words that its cited sentences must hold together, and that each must hold by itself; and how
# many of them may be cited at once.
_LEAST_COVERAGE = 0.6
_MOST_QUOTES = 3
_LEAST_RELATED = 0.25
_YEAR = re.compile(r"(?:19|20)\d\d")
_KINDS = frozenset(("时间", "日期", "地点", "地方"))  # what is asked for by these is seldom called so where it is told


@dataclass(frozen=True)
class Quote:
    """A sentence of a passage, placed in its article's body."""

    passage: Passage
    span: Span

    @classmethod
    def of(cls, citation: Citation) -> Quote:
        """What a citation quotes."""
        return cls(citation.passage, Span(citation.start, citation.end))

    @property
    def text(self) -> str:
        """The sentence as printed."""
        return self.passage.article.body[self.span.start : self.span.end]

    @cached_property
    def plain(self) -> str:
        """What its words may be found in: the sentence, and its article's headline, date and signature."""
        return plain_text(f"{self.text} {self.passage.dateline} {self.passage.article.signature}")

    @cached_property
    def context(self) -> str:
        """What a name may be found in: 「他」in the sentence is named in the passage, 「公司」perhaps long before."""
        return self.plain + plain_text(self.passage.article.body[: self.passage.end])

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers, amounts, times and days it may be cited for, those of its headline and date among them."""
        text, date = f"{self.text} {self.passage.dateline}", self.passage.article.date
        return frozenset((*numbers(text, date), *amounts(text), *times(text, date), *days(text, date)))


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

    def sentence(self, text: str, support: Iterable[Quote]) -> Sentence:
        """A sentence of an answer with the numbers of what supports it."""
        return Sentence(text, tuple(sorted({self.number(quote) for quote in support})))

    def apart(self, question: str, weights: dict[str, float], kept: Iterable[Sentence]) -> float:
        """The largest share of the question's words, by ``weights``, that the article with the answer does not hold.

        Where another article was needed for them, the answer may be of something else; 0 for a sentence that one
        article supports.
        """
        return max((self._apart(question, weights, sentence) for sentence in kept), default=0.0)

    def _apart(self, question: str, weights: dict[str, float], sentence: Sentence) -> float:
        cited = [Quote.of(citation) for citation in self.found if citation.number in sentence.citations]
        if len({quote.passage.article.id for quote in cited}) <= 1:
            return 0.0
        news = _Missing.all_of(terms(sentence.text)).beyond(terms(question))
        article = max(cited, key=news.held_by).passage.article
        told = "".join(quote.plain for quote in cited if quote.passage.article.id == article.id)
        named = {word: weight for word, weight in weights.items() if word not in _KINDS}
        return sum(named[word] for word in named if not says(told, word)) / (sum(named.values()) or 1.0)


def quotes(excerpts: Sequence[Excerpt]) -> list[Quote]:
    """Every sentence that was read."""
    return [Quote(excerpt.passage, span) for excerpt in excerpts for span in excerpt.spans]


def cite(question: str, text: str, available: Sequence[Quote], citations: Citations) -> list[Sentence]:
    """The sentences of ``text`` that ``available`` quotations support, each with its citations; others are dropped."""
    kept = []
    for span in sentences(text):
        sentence = text[span.start : span.end]
        support = supporting(question, sentence, available)
        if support:
            kept.append(citations.sentence(sentence, support))
    return kept


def supports(question: str, sentence: str, cited: Sequence[Quote]) -> bool:
    """Whether these quotations together, at most three of them, hold what the sentence states."""
    return bool(cited) and bool(supporting(question, sentence, cited))


def supporting(question: str, sentence: str, available: Sequence[Quote]) -> list[Quote]:
    """The fewest quotations, at most three, that hold what the sentence states; else none.

    They must hold all its numbers and quoted words, its names (these anywhere in their passages, or in the article
    before them), enough of its words, and enough of those with which it tells something that the question does not say;
    all of those that tell who it was. A quotation that shares little but a number with the sentence, or lists that
    number for another thing, supports nothing: the number is of something else.
    """
    asked = plain_text(question)
    wanted = terms(sentence)
    told = frozenset(word for word in naming_words(sentence, adverbs=False) if word not in asked)
    who = _said_to_be(wanted.text) if asks_who(question) else []
    wanted = replace(
        wanted,
        words=wanted.words.difference(kind for kind in _KINDS if kind in asked),
        numbers=wanted.numbers - relative_times(asked),
        quoted=wanted.quoted | told.intersection(who),
    )
    related = [
        quote
        for quote in available
        if _share(wanted.words, quote.plain) >= _LEAST_RELATED
        and not of_others(quote.plain, asked + wanted.text, wanted.numbers)
    ]
    chosen: list[Quote] = []
    missing = _Missing.all_of(wanted, told)
    while missing and len(chosen) < _MOST_QUOTES:
        best = max((q for q in related if q not in chosen), key=missing.held_by, default=None)
        if best is None or missing.held_by(best) == 0:
            return []
        chosen.append(best)
        missing = missing.without(best, asked)
        enough = all(
            _weight(whole - left) >= _LEAST_COVERAGE * _weight(whole)
            for whole, left in ((wanted.words, missing.words), (told, missing.told))
        )
        if enough and not (missing.numbers or missing.quoted or missing.names):
            return chosen
    return []


def _said_to_be(plain: str) -> list[str]:
    """The words of who someone is said to be: 王芳 in 校长是王芳."""
    _, _, who = plain.rpartition("是")
    return naming_words(who, adverbs=False) if who != plain else []


@dataclass(frozen=True)
class _Missing:
    """What of a sentence has not been found yet."""

    words: frozenset[str]
    numbers: frozenset[str]
    quoted: frozenset[str]
    names: frozenset[str]
    told: frozenset[str] = frozenset()

    @classmethod
    def all_of(cls, wanted: Terms, told: frozenset[str] = frozenset()) -> _Missing:
        return cls(wanted.words, wanted.numbers, wanted.quoted, wanted.names, told)

    def __bool__(self) -> bool:
        return bool(self.words or self.numbers or self.quoted or self.names or self.told)

    def held_by(self, quote: Quote) -> float:
        """How much of it a quotation holds; a number counts as much as a long word, what is told as two."""
        held = [word for word in (*self.words, *self.quoted, *self.told) if says(quote.plain, word)]
        return _weight(held) + 10.0 * len(self.numbers & quote.numbers)

    def without(self, quote: Quote, asked: str) -> _Missing:
        """What of it a quotation does not hold; what is asked about need not be named in it again: 蓝采薇, 2023."""
        topics = (name for name in (*self.names, *filter(str.isascii, self.words)) if name in asked)
        named = (name for name in topics if says(quote.context, name))
        years = (
            number for number in filter(_YEAR.fullmatch, self.numbers) if number in asked and number in quote.context
        )
        return self._less("|".join((quote.plain, *named)), quote.numbers.union(years), quote.context)

    def beyond(self, known: Terms) -> _Missing:
        """What of it is not in another text."""
        return self._less(known.text, known.numbers, known.text)

    def _less(self, text: str, numbers: Collection[str], context: str) -> _Missing:
        return _Missing(
            frozenset(word for word in self.words if not says(text, word)),
            self.numbers.difference(numbers),
            frozenset(words for words in self.quoted if not says(text, words)),
            frozenset(name for name in self.names if not says(context, name)),
            frozenset(word for word in self.told if not says(text, word)),
        )


def _weight(some: Iterable[str]) -> float:
    """Words by length: a name says more than a particle."""
    return float(sum(len(word) for word in some))


def _share(wanted: Collection[str], text: str) -> float:
    total = _weight(wanted)
    return _weight(word for word in wanted if says(text, word)) / total if total else 0.0
