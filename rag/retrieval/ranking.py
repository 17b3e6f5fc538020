"""Ranks the results of both retrievers by several features, folds reprints, and leaves room for other articles."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.reading.articles.reprints import overlap, shingles
from index.storage.store import PassageText, Store
from index.text.folding import folded
from index.text.passages import sentences
from index.text.words import question_words

from .variety import crowding

# Learned on the development questions by benchmarks/ranking.py; each feature's trial is in benchmarks/trials.md.
FEATURES = ("cosine", "bm25", "bigrams", "words", "sentence", "time", "far")
_WEIGHTS = np.array([60.4, 1.64, 1.32, 1.22, 1.44, 0.89, 26.4])

_NEAR = 0.04  # of cosine below the best; beyond this distance, every further hundredth counts more
_SAME = 0.85  # least overlap of 8-character shingles of two passages that are the same text
_SAME_COSINE = 0.03
_FOLDED_INTO = 50  # only the best ones, so that a long list does not take quadratic time
_ABOUT_IT = 0.7  # least share of a heading's bigrams in a question about that article

_ASKS_WHEN = re.compile(r"时间|什么时候|何时|哪一?天|哪日|几月|日期|哪一?年|几号|几点|多久|几时|哪个月")
_SAYS_WHEN = re.compile(r"\d{4}\s*年|\d{1,2}月(?:\d{1,2}[日号])?|\d{1,2}[日号]|\d{1,2}[:：]\d\d|\d+时")


_shingles = lru_cache(maxsize=256)(shingles)  # a passage is compared with several


@dataclass(frozen=True)
class Candidate:
    """A passage that a retriever found; ``bm25`` is None if the lexical retriever did not find it."""

    passage: PassageText
    cosine: float
    bm25: float | None


@dataclass(frozen=True)
class Ranked:
    """A candidate with its score and the near-identical candidates from other articles folded into it."""

    candidate: Candidate
    score: float
    reprints: tuple[Candidate, ...] = ()


def word_weights(store: Store, question: str) -> dict[str, float]:
    """Return the question's words with their inverse document frequency, ln(1 + N / (1 + n))."""
    words = question_words(question)
    counts = store.documents_with(words)
    return {word: math.log(1 + store.stamp.passages / (1 + counts[word])) for word in words}


def covered(weights: dict[str, float], text: str) -> float:
    """Return the weighted share of the words that appear in ``text``."""
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in text) / total if total else 0.0


def fused_score(cosine: float, bm25: float) -> float:
    """Return the fused score of both retrievers, used to choose candidates; ``bm25`` is a share of the best."""
    return float(_WEIGHTS[0] * cosine + _WEIGHTS[1] * bm25)


def features(question: str, weights: dict[str, float], candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return the features of each candidate, shape (candidates, features), in the order of ``FEATURES``.

    They are: the cosine's distance from the best one; BM25 as a share of the best one; the share of the question's
    character bigrams in the passage, weighted by how few candidates contain them; the share of its words, weighted by
    inverse document frequency, in the passage and in its best sentence; if the question asks when, whether the passage
    names a date that the question does not; and the cosine's distance beyond ``_NEAR``, so that words decide close to
    the best cosine, and meaning far from it.
    """
    asked = folded(question)
    texts = [folded(f"{c.passage.heading}\n{c.passage.text}") for c in candidates]
    cosines = np.array([c.cosine for c in candidates])
    below = cosines - cosines.max()
    bm25 = np.array([c.bm25 or 0.0 for c in candidates])
    return np.stack(
        [
            below,
            bm25 / (bm25.max() or 1.0),
            _bigram_coverage(asked, texts),
            np.array([covered(weights, text) for text in texts]),
            np.array([_best_sentence(weights, text) for text in texts]),
            _names_a_date(asked, texts),
            np.minimum(below + _NEAR, 0.0),
        ],
        axis=1,
    )


def rank(question: str, weights: dict[str, float], candidates: Sequence[Candidate], k: int) -> list[Ranked]:
    """Return the best ``k`` candidates, best first.

    Near-identical passages of other articles are folded into the best of them. From its third passage on, an article's
    passages come after those of other articles, unless the question contains most of the article's heading.
    """
    if not candidates:
        return []
    scores = features(question, weights, candidates) @ _WEIGHTS
    order = np.argsort(-scores, kind="stable")
    return _varied(folded(question), _fold([(candidates[i], float(scores[i])) for i in order[: 2 * k + 10]]), k)


def _fold(ordered: Sequence[tuple[Candidate, float]]) -> list[Ranked]:
    kept: list[tuple[Candidate, float, list[Candidate]]] = []
    for candidate, score in ordered:
        for other, _, folded_in in kept[:_FOLDED_INTO]:
            if _same_text(candidate, other):
                folded_in.append(candidate)
                break
        else:
            kept.append((candidate, score, []))
    return [Ranked(candidate, score, tuple(others)) for candidate, score, others in kept]


def _same_text(a: Candidate, b: Candidate) -> bool:
    """Whether two articles print the same text; cosine and length rule out most pairs before texts are compared."""
    if a.passage.article_id == b.passage.article_id or abs(a.cosine - b.cosine) > _SAME_COSINE:
        return False
    if a.passage.text == b.passage.text:
        return True
    lengths = sorted((len(a.passage.text), len(b.passage.text)))
    if lengths[0] < _SAME * lengths[1]:
        return False
    return overlap(_shingles(a.passage.text), _shingles(b.passage.text)) >= _SAME


def _varied(asked: str, ranked: Sequence[Ranked], k: int) -> list[Ranked]:
    """The best ``k``, with further passages of one article moved last.

    Their scores are lowered by the whole range, so that the list stays ordered by score.
    """
    drop = ranked[0].score - ranked[-1].score
    passages = [hit.candidate.passage for hit in ranked]
    crowded = crowding([p.article_id for p in passages], lambda place: _about(asked, passages[place].heading))
    first = [hit for hit, late in zip(ranked, crowded, strict=True) if not late]
    later = [replace(hit, score=hit.score - drop) for hit, late in zip(ranked, crowded, strict=True) if late]
    return [*first, *later][:k]


def _about(asked: str, heading: str) -> bool:
    wanted = bigrams(folded(heading))
    return bool(wanted) and sum(bigram in asked for bigram in wanted) / len(wanted) >= _ABOUT_IT


def bigrams(text: str) -> set[str]:
    """Return the character bigrams of a text without punctuation and spaces."""
    bare = re.sub(r"[^\w%]", "", text)
    return {bare[start : start + 2] for start in range(len(bare) - 1)}


def _bigram_coverage(asked: str, texts: Sequence[str]) -> NDArray[np.float64]:
    held = np.array([[bigram in text for bigram in bigrams(asked)] for text in texts], dtype=float)
    held = held.reshape(len(texts), -1)
    counts = held.sum(axis=0)
    weights = np.where(counts > 0, np.log1p((len(texts) - counts + 0.5) / (counts + 0.5)), 0.0)
    return held @ weights / (weights.sum() or 1.0)


def _best_sentence(weights: dict[str, float], text: str) -> float:
    return max((covered(weights, text[s.start : s.end]) for s in sentences(text)), default=0.0)


def _names_a_date(asked: str, texts: Sequence[str]) -> NDArray[np.float64]:
    if not asks_when(asked):
        return np.zeros(len(texts))
    return np.array([says_when(asked, text) for text in texts], float)


def asks_when(asked: str) -> bool:
    """Return whether a question asks for a date or a time."""
    return bool(_ASKS_WHEN.search(asked))


def says_when(asked: str, text: str) -> bool:
    """Return whether ``text`` names a date or a time that the question does not."""
    return any(match.group() not in asked for match in _SAYS_WHEN.finditer(text))
