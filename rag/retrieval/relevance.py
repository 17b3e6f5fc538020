"""Relevance: whether any of the passages found is about the question."""

from __future__ import annotations

from collections.abc import Sequence

from index.storage.store import Store
from index.text.folding import folded
from rag.results import Passage
from rag.verification.fitted import clipped

from .ranking import covered, word_weights
from .reranking import ReadPassage


def relevance(store: Store, question: str, read: Sequence[ReadPassage]) -> dict[str, float]:
    """Return signals that the passages can answer the question, before the language model is asked."""
    coverage = _coverage(store, question, [one.passage for one in read])
    return {"answers": clipped(max(one.reading.answers for one in read)), "coverage": coverage}


def _coverage(store: Store, question: str, passages: Sequence[Passage]) -> float:
    weights = word_weights(store, question)
    return max((covered(weights, folded(f"{p.article.heading} {p.text}")) for p in passages), default=0.0)
