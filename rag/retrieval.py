"""Find passages: a dense leg and a jieba-BM25 leg, and a second look at what either found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.config import RetrievalSettings
from index.embedder import Embedder
from index.store import Filter, Hit, Store
from index.words import question_words

from .ranking import Candidate, Ranked, rank, word_weights
from .results import Passage


def search(
    store: Store, embedder: Embedder, asked: Sequence[tuple[str, Filter]], k: int, settings: RetrievalSettings
) -> list[list[Passage]]:
    """For each question, where it is narrowed to, the best ``k`` passages, or all that there are; best first.

    The questions are embedded together, and those that are narrowed alike searched together.
    """
    if not asked:
        return []
    depth = max(2 * k, settings.candidates)
    vectors = embedder.encode([question for question, _ in asked], query=True)
    nearest: dict[int, list[Hit]] = {}
    for where in {where for _, where in asked}:
        places = [place for place, (_, own) in enumerate(asked) if own == where]
        nearest |= dict(zip(places, store.dense(vectors[places], depth, where), strict=True))
    found = []
    for place, (question, where) in enumerate(asked):
        candidates = _candidates(store, question, vectors[place], nearest[place], depth, where)
        found.append([_passage(hit) for hit in rank(question, word_weights(store, question), candidates, k)])
    return found


def candidates_of(store: Store, embedder: Embedder, question: str, depth: int) -> list[Candidate]:
    """What both legs find for a question, ``depth`` each, in no order."""
    vectors = embedder.encode([question], query=True)
    return _candidates(store, question, vectors[0], store.dense(vectors, depth, Filter())[0], depth, Filter())


def _candidates(
    store: Store, question: str, vector: NDArray[np.float32], dense: Sequence[Hit], depth: int, where: Filter
) -> list[Candidate]:
    cosines = {hit.number: hit.score for hit in dense}
    bm25 = {hit.number: hit.score for hit in store.lexical(question_words(question), depth, where)}
    only_lexical = [number for number in bm25 if number not in cosines]
    cosines |= zip(only_lexical, store.cosines(vector, only_lexical), strict=True)
    stored = store.passages(list(cosines))
    return [Candidate(passage, cosines[passage.number], bm25.get(passage.number)) for passage in stored]


def _passage(hit: Ranked) -> Passage:
    reprints = tuple(_as_passage(other, hit.score) for other in hit.reprints)
    return _as_passage(hit.candidate, hit.score, reprints)


def _as_passage(candidate: Candidate, score: float, reprints: tuple[Passage, ...] = ()) -> Passage:
    stored = candidate.stored
    span = stored.span
    return Passage(stored.text, score, span.start, span.end, stored.article, candidate.cosine, candidate.bm25, reprints)
