"""Reads the best passages with the trained model, to see which of them answers the question, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.models.pair import PairModel, Reading
from rag.results import Passage
from rag.retrieval.variety import crowding, filling
from rag.verification.fitted import weight


@dataclass(frozen=True)
class ReadPassage:
    """A passage, the model's reading of it, and the span of the likeliest answer in the passage's text."""

    passage: Passage
    reading: Reading
    answer: tuple[int, int]


def read_passages(model: PairModel, question: str, passages: Sequence[Passage]) -> list[ReadPassage]:
    """Read each passage with its article's headline before it; return them in the order given."""
    heads = [f"{passage.article.heading}\n" if passage.article.heading else "" for passage in passages]
    texts = [f"{head}{passage.text}" for head, passage in zip(heads, passages, strict=True)]
    readings = model.read([(question, text) for text in texts])
    found = []
    for head, passage, reading in zip(heads, passages, readings, strict=True):
        start, end = max(0, reading.start - len(head)), max(0, reading.end - len(head))
        found.append(ReadPassage(passage, reading, (start, end)))
    return found


def rerank(read: Sequence[ReadPassage]) -> list[ReadPassage]:
    """Order passages by retrieval score plus the weighted model score, which becomes their new score.

    Crowding passages of one article (``variety``) come last.
    """
    worth = weight("rerank")
    scored = [
        replace(one, passage=replace(one.passage, score=one.passage.score + worth * one.reading.answers))
        for one in read
    ]
    best = sorted(scored, key=lambda one: -one.passage.score)
    fill = filling([one.passage.article.id for one in read])
    articles = [one.passage.article.id for one in best]
    crowded = crowding(articles, lambda place: articles[place] in fill)
    first = [one for one, late in zip(best, crowded, strict=True) if not late]
    return [*first, *(one for one, late in zip(best, crowded, strict=True) if late)]


def reranked(model: PairModel, question: str, passages: Sequence[Passage], most: int) -> list[Passage]:
    """Return the passages, the first ``most`` of them reordered by ``rerank``."""
    best = rerank(read_passages(model, question, passages[:most]))
    return [*(one.passage for one in best), *passages[most:]]
