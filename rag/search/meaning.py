"""The articles nearest in meaning to some words, for the search that looks beyond the words themselves."""

from __future__ import annotations

from collections.abc import Callable

from index.config import RetrievalSettings
from index.models.embedder import Embedder
from index.storage.store import Filter, Store
from rag.retrieval.hybrid import search

Meaning = Callable[[Store, str, Filter], list[str]]

_NEAREST = 200  # passages; a search by meaning has no natural end


def by_meaning(embedder: Embedder, settings: RetrievalSettings) -> Meaning:
    """What finds the ids of the articles nearest to some words, best first."""

    def nearest(store: Store, words: str, where: Filter) -> list[str]:
        passages = search(store, embedder, [(words, where)], _NEAREST, settings)[0]
        return list(dict.fromkeys(passage.article.id for passage in passages))

    return nearest
