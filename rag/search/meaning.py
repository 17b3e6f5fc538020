"""Finds the articles nearest in meaning to some words, for semantic search."""

from __future__ import annotations

from collections.abc import Callable, Collection

from index.config import RetrievalSettings
from index.models.embedder import Embedder
from index.storage.store import Filter, Store
from rag.retrieval.hybrid import search

Meaning = Callable[[Store, str, Filter, Collection[int] | None], list[str]]

_NEAREST = 200  # passages; a semantic search has no natural end


def by_meaning(embedder: Embedder, settings: RetrievalSettings) -> Meaning:
    """Return a function that finds the ids of the articles nearest in meaning to some words, best first.

    It takes the store, the words, a filter, and the numbers of the articles to choose from, None for all.
    """

    def nearest(store: Store, words: str, where: Filter, among: Collection[int] | None) -> list[str]:
        passages = search(store, embedder, [(words, where)], _NEAREST, settings, among)[0]
        return list(dict.fromkeys(passage.article.id for passage in passages))

    return nearest
