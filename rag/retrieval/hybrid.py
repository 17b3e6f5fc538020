"""Hybrid search: a dense and a lexical retriever, and one ranking of their results."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.config import RetrievalSettings
from index.models.embedder import Embedder
from index.storage.store import Filter, PassageHit, Store, StoredPassage
from index.text.words import question_words
from rag.results import Passage

from .ranking import Candidate, Ranked, fused_score, rank, word_weights


def search(
    store: Store,
    embedder: Embedder,
    asked: Sequence[tuple[str, Filter]],
    k: int,
    settings: RetrievalSettings,
    among: Collection[int] | None = None,
) -> list[list[Passage]]:
    """Return for each question and its filter up to ``k`` passages, best first.

    Questions are embedded in one batch, and those with the same filter are searched together.
    ``among``: the numbers of the articles to search; None: all.
    """
    if not asked:
        return []
    depth = max(2 * k, settings.candidates)
    vectors = embedder.encode([question for question, _ in asked], query=True)
    nearest: dict[int, list[PassageHit]] = {}
    for where in {where for _, where in asked}:
        places = [place for place, (_, own) in enumerate(asked) if own == where]
        nearest |= dict(zip(places, store.dense(vectors[places], depth, where, among), strict=True))
    ranked = []
    for place, (question, where) in enumerate(asked):
        bm25 = store.lexical(question_words(question), depth, where, among)
        candidates = _candidates(store, vectors[place], nearest[place], bm25, depth)
        ranked.append(rank(question, word_weights(store, question), candidates, k))
    return _passages(store, ranked)


def candidates_of(store: Store, embedder: Embedder, question: str, depth: int) -> list[Candidate]:
    """Return the best candidates of both retrievers for a question, at most ``depth``, ordered by their fused score."""
    vectors = embedder.encode([question], query=True)
    dense, lexical = store.dense(vectors, depth, Filter())[0], store.lexical(question_words(question), depth, Filter())
    return _candidates(store, vectors[0], dense, lexical, depth)


def _candidates(
    store: Store, vector: NDArray[np.float32], dense: Sequence[PassageHit], lexical: Sequence[PassageHit], depth: int
) -> list[Candidate]:
    cosines = {hit.number: hit.score for hit in dense}
    bm25 = {hit.number: hit.score for hit in lexical}
    only_lexical = [number for number in bm25 if number not in cosines]
    cosines |= zip(only_lexical, store.cosines(vector, only_lexical), strict=True)
    best = max(bm25.values(), default=1.0)
    order = sorted(cosines, key=lambda number: fused_score(cosines[number], bm25.get(number, 0.0) / best), reverse=True)
    return [Candidate(text, cosines[text.number], bm25.get(text.number)) for text in store.texts(order[:depth])]


def _passages(store: Store, ranked: Sequence[Sequence[Ranked]]) -> list[list[Passage]]:
    """The passages with their articles, which are read only for these few."""
    wanted = {c.passage.number for hits in ranked for hit in hits for c in (hit.candidate, *hit.reprints)}
    stored = dict(zip(wanted, store.passages(list(wanted)), strict=True))
    return [[_passage(stored, hit) for hit in hits] for hits in ranked]


def _passage(stored: Mapping[int, StoredPassage], hit: Ranked) -> Passage:
    def found(candidate: Candidate, reprints: tuple[Passage, ...] = ()) -> Passage:
        own = stored[candidate.passage.number]
        scores = (candidate.cosine, candidate.bm25)
        return Passage(own.text, hit.score, own.span.start, own.span.end, own.article, *scores, reprints)

    return found(hit.candidate, tuple(found(candidate) for candidate in hit.reprints))
