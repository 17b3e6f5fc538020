"""What the model is given to read, and whether it is worth asking at all."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.article import Span
from index.embedder import Embedder
from index.passages import sentences
from index.words import folded, people, visible

from .admissible import no_evidence
from .kinds import tells_kind
from .ranking import bigrams, covered
from .results import Passage
from .terms import numbers

_CHAT_MARK = re.compile(r"<\|")
_NO_WORD = re.compile(r"[^\w%]")

# What a sentence is worth reading for: nearness to the question, its words and bigrams, the rank of its passage, and
# whether it tells the kind of thing that is asked for.
# With these, 400 characters hold as many answers as 900 of whole passages (benchmarks/README.md).
_COSINE, _WORDS, _BIGRAMS, _PASSAGE, _KIND = 20.0, 1.5, 1.0, 0.3, 0.5
_NO_EVIDENCE = 2.0  # less, for a sentence about another year, edition or sort than is asked about

# Share of its 4-character pieces that another sentence holds from which a sentence only repeats it (containment,
# Broder 1997): reports of one event do, and with those left out the same budget holds more answers.
_REPEATED = 0.6
_PIECE = 4


@dataclass(frozen=True)
class Excerpt:
    """The sentences of one passage that the model reads; ``spans`` lie in the article's body, in order."""

    passage: Passage
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The sentences one after another, with an ellipsis where some between them are left out."""
        body = self.passage.article.body
        text = ""
        for before, span in zip((None, *self.spans), self.spans, strict=False):
            gap = "……" if before and body[before.end : span.start].strip() else ""
            text += gap + body[span.start : span.end]
        return text


@dataclass(frozen=True)
class Signals:
    """How well passages fit a question.

    ``coverage``: share of the question's words that stand in the best passage or its headline, each weighted by how
    rare it is in the archive; ``cosine``: the best passage's.
    """

    coverage: float
    cosine: float

    @property
    def relevance(self) -> float:
        """Probability that the archive has something to say, by logistic regression (benchmarks/README.md)."""
        return 1.0 / (1.0 + math.exp(-(_WEIGHTS[0] + _WEIGHTS[1] * self.coverage + _WEIGHTS[2] * self.cosine)))


# Fitted on RGB-zh development questions asked of archives with and without their passages (benchmarks/relevance.py).
_WEIGHTS = (-36.06, 4.57, 36.84)


def signals(weights: dict[str, float], passages: Sequence[Passage]) -> Signals:
    """Measure how well ``passages`` fit a question's words; all zero where there are none."""
    if not passages:
        return Signals(0.0, 0.0)
    coverage = max(covered(weights, _searched(passage)) for passage in passages)
    return Signals(coverage, max(passage.cosine or 0.0 for passage in passages))


def of_a_person(question: str, passages: Sequence[Passage]) -> bool:
    """Whether someone whom the question names is in a passage; few other words of 「彭菲是谁」may be."""
    named = people(question)
    return bool(named) and any(name in text for text in map(_searched, passages) for name in named)


def _searched(passage: Passage) -> str:
    return folded(f"{passage.article.heading} {passage.text}")


@dataclass(frozen=True)
class Evidence:
    """What the model reads, and the one sentence most worth reading of those that tell the kind of thing asked for."""

    excerpts: tuple[Excerpt, ...]
    best: Excerpt


def choose(
    embedder: Embedder, question: str, weights: dict[str, float], passages: Sequence[Passage], characters: int
) -> Evidence:
    """The sentences of ``passages`` (one at least) most worth reading, within a budget of characters.

    A sentence that only repeats one already chosen, with no other number and no one else named, is left out.
    """
    found = [(place, span) for place, passage in enumerate(passages) for span in sentences(passage.text)]
    texts = [passages[place].text[span.start : span.end] for place, span in found]
    barred = np.array([no_evidence(question, t, passages[place]) for t, (place, _) in zip(texts, found, strict=True)])
    telling = np.array([not bar and tells_kind(question, text) for bar, text in zip(barred, texts, strict=True)])
    worth = _worth(embedder, question, weights, texts) + _KIND * telling
    worth += _PASSAGE * np.array([passages[place].score for place, _ in found])
    worth -= _NO_EVIDENCE * barred
    left = characters
    chosen: dict[int, list[Span]] = {}
    read: list[_Content] = []
    order = np.argsort(-worth, kind="stable")
    for number in order:
        place, span = found[number]
        if chosen and len(texts[number]) > left:
            continue
        content = _Content.of(texts[number])
        if not any(content.repeats(other) for other in read):
            read.append(content)
            left -= len(texts[number])
            chosen.setdefault(place, []).append(_in_body(passages[place], span))
    excerpts = (
        Excerpt(passages[place], tuple(sorted(chosen[place], key=lambda span: span.start))) for place in sorted(chosen)
    )
    place, span = found[next((number for number in order if telling[number]), order[0])]
    return Evidence(tuple(excerpts), Excerpt(passages[place], (_in_body(passages[place], span),)))


@dataclass(frozen=True)
class _Content:
    """A sentence, to be compared with others."""

    plain: str
    pieces: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Content:
        plain = folded(text)
        bare = _NO_WORD.sub("", plain)
        starts = range(max(1, len(bare) - _PIECE + 1))
        return cls(plain, frozenset(bare[start : start + _PIECE] for start in starts), frozenset(numbers(text)))

    def repeats(self, other: _Content) -> bool:
        alike = self.numbers <= other.numbers and len(self.pieces & other.pieces) >= _REPEATED * len(self.pieces)
        return alike and all(name in other.plain for name in people(self.plain))


def _in_body(passage: Passage, span: Span) -> Span:
    return Span(passage.start + span.start, passage.start + span.end)


def _worth(embedder: Embedder, question: str, weights: dict[str, float], texts: Sequence[str]) -> np.ndarray:
    cosines = embedder.encode(texts) @ embedder.encode([question], query=True)[0]
    plain = [folded(text) for text in texts]
    asked = bigrams(folded(question))
    shared = [sum(bigram in text for bigram in asked) / (len(asked) or 1) for text in plain]
    words = [covered(weights, text) for text in plain]
    return _COSINE * cosines + _WORDS * np.array(words) + _BIGRAMS * np.array(shared)


def as_prompt(excerpts: Sequence[Excerpt]) -> str:
    """The evidence as the model reads it: headline, date and page before each excerpt, oldest first where dated."""
    parts = []
    for excerpt in sorted(excerpts, key=lambda excerpt: excerpt.passage.article.date or ""):
        article = excerpt.passage.article
        page = f"第{article.page}版" if article.page else ""
        place = " ".join(part for part in (article.date, page) if part)
        heading = f"《{article.title}》" if article.title else ""
        parts.append(f"{heading}{f'（{place}）' if place else ''}\n{excerpt.text}".strip())
    return harmless("\n\n".join(parts))


def harmless(text: str) -> str:
    """``text`` with nothing in it that a chat template would take for one of its own marks."""
    return _CHAT_MARK.sub("＜|", visible(text))
