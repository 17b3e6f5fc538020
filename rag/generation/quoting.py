"""Finds one or two newspaper sentences that answer a question, at most ``LONGEST`` characters in all."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.article import Article, Span
from index.models.pair import PairModel
from index.text.passages import sentences
from rag.retrieval.reranking import ReadPassage
from rag.verification.claims import bare, claims
from rag.verification.evidence import pieces

LONGEST = 120
_CLAUSE = re.compile(r"[^，,；;：:]*[，,；;：:]?")
_SECONDS = 3  # quotations after the best that may be added to it
_LOOKED_AT = 24  # sentences that the trained model reads
# The weights in a sentence's score, a logit: the draft's words that are not in the question, the draft's figures and
# names, the question's words, whether the likeliest answer of a passage begins in the sentence, and the trained model's
# score. On 124 questions: 0.96 right if the draft is, 0.24 if it is not (0.90 and 0.29 by words alone).
_DRAFT, _CLAIMS, _QUESTION, _SPAN, _ANSWERS = 6.0, 4.0, 2.0, 0.5, 0.2


@dataclass(frozen=True)
class Quoted:
    """A span of an article and, as a logit, how likely it answers the question."""

    article: Article
    span: Span
    score: float

    @property
    def text(self) -> str:
        """The text as printed."""
        return self.article.body[self.span.start : self.span.end]


def best_quotes(model: PairModel, question: str, read: Sequence[ReadPassage], draft: str) -> list[Quoted]:
    """Return sentences of the articles of ``read``, those most likely to answer the question first.

    Args:
        read: the passages that were read, best first.
        draft: the language model's draft; a sentence that says the same is more likely to be the answer.
    """
    articles = {one.passage.article.id: one.passage.article for one in read}.values()
    found = [(article, span) for article in articles for span in sentences(article.body)]
    rare = _Rarity([article.body[span.start : span.end] for article, span in found])
    asked, said = pieces(question), pieces(draft) - pieces(question)
    stated = [bare(claim.text) for claim in claims(draft) if bare(claim.text) not in bare(question)]
    order = sorted(range(len(found)), key=lambda n: -rare.shared(said, n) - rare.shared(asked, n) / 2)[:_LOOKED_AT]
    texts = {n: found[n][0].body[found[n][1].start : found[n][1].end] for n in order}
    readings = model.read([(question, texts[n]) for n in order])
    quoted = []
    for n, reading in zip(order, readings, strict=True):
        article, span = found[n]
        plain = bare(texts[n])
        score = (
            _DRAFT * rare.shared(said, n)
            + _CLAIMS * sum(claim in plain for claim in stated) / (len(stated) or 1)
            + _QUESTION * rare.shared(asked, n)
            + _SPAN * any(_answers_in(one, article, span) for one in read)
            + _ANSWERS * reading.answers
        )
        quoted.append(Quoted(article, _fitting(article, span, said, stated, (reading.start, reading.end)), score))
    return sorted(quoted, key=lambda one: -one.score)


def together(quotes: Sequence[Quoted]) -> list[Quoted]:
    """Return the best quotation and, if one fits, the next best; ``quotes`` are best first.

    They are in the order of the text, the best article first.
    """
    best, *others = quotes
    room = LONGEST - len(best.text)
    second = [quote for quote in others[:_SECONDS] if len(quote.text) <= room][:1]
    return sorted([best, *second], key=lambda quote: (quote.article.id != best.article.id, quote.span.start))


class _Rarity:
    """The pieces of sentences, weighted by how few sentences contain them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._pieces = [pieces(text) for text in texts]
        self._counts = Counter(piece for own in self._pieces for piece in own)

    def shared(self, wanted: set[str], number: int) -> float:
        """Return the weighted share of ``wanted`` that a sentence contains."""
        total = sum(self._worth(piece) for piece in wanted)
        held = sum(self._worth(piece) for piece in wanted & self._pieces[number])
        return held / total if total else 0.0

    def _worth(self, piece: str) -> float:
        return 1.0 / math.sqrt(max(1, self._counts[piece]))


def _answers_in(one: ReadPassage, article: Article, span: Span) -> bool:
    """Whether the likeliest answer of a passage begins in a sentence."""
    passage = one.passage
    return passage.article.id == article.id and span.start <= passage.start + one.answer[0] < span.end


def _fitting(article: Article, span: Span, said: set[str], stated: Sequence[str], answer: tuple[int, int]) -> Span:
    """The sentence if it fits, otherwise its best clauses within ``LONGEST``."""
    text = article.body[span.start : span.end]
    if len(text) <= LONGEST:
        return span
    clauses = [m for m in _CLAUSE.finditer(text) if m.group()]
    worth = [
        len(said & pieces(m.group()))
        + 3.0 * sum(claim in bare(m.group()) for claim in stated)
        + 1.0 * (m.start() < answer[1] and answer[0] < m.end())
        for m in clauses
    ]
    windows = [
        (sum(worth[first:last]), -(clauses[last - 1].end() - clauses[first].start()), first, last)
        for first in range(len(clauses))
        for last in range(first + 1, len(clauses) + 1)
        if clauses[last - 1].end() - clauses[first].start() <= LONGEST
    ]
    if not windows:
        return Span(span.start, span.start + LONGEST)
    _, _, first, last = max(windows)
    while last < len(clauses) and clauses[last].end() - clauses[first].start() <= LONGEST:
        last += 1
    while first > 0 and clauses[last - 1].end() - clauses[first - 1].start() <= LONGEST:
        first -= 1
    return Span(span.start + clauses[first].start(), span.start + clauses[last - 1].end())
