"""Check the published state of an archive in Milvus."""

from __future__ import annotations

import random

from index.config import MilvusSettings
from index.errors import BaowenError
from index.models.embedder import Embedder

from .address import MilvusAddress
from .store import CurrentMilvus, MilvusStore

_SAMPLE = 32
_LEAST_COSINE = 0.99


def verify(address: MilvusAddress, settings: MilvusSettings, embedder: Embedder) -> dict[str, int]:
    """Check that every passage has an article and lies within it, and embed a sample again.

    Raises:
        BaowenError: something is wrong; the message says what, and which command to run.
    """
    store = CurrentMilvus(address, settings)()
    mend = "；请运行 (run) baowen rollback，或再 baowen copy 一次"
    articles = passages = 0
    for whole in store.source().articles():
        articles += 1
        for span in whole.spans:
            if not 0 <= span.start <= span.end <= len(whole.article.body):
                raise BaowenError(
                    f"馆藏 {address} 有一段越出了文章 {whole.article.id} (passage outside its article){mend}"
                )
        passages += len(whole.spans)
    if (articles, passages) != (store.stamp.articles, store.stamp.passages):
        raise BaowenError(
            f"馆藏 {address} 有 {articles} 篇、{passages} 段，应有 {store.stamp.articles} 篇、"
            f"{store.stamp.passages} 段 (rows are missing){mend}"
        )
    sample = random.Random(0).sample(range(1, passages + 1), min(_SAMPLE, passages))
    _embed_again(store, embedder, sample, address, mend)
    return {"articles": articles, "passages": passages, "embedded_again": len(sample)}


def _embed_again(store: MilvusStore, embedder: Embedder, sample: list[int], address: MilvusAddress, mend: str) -> None:
    if embedder.name != store.stamp.embedder:
        raise BaowenError(f"馆藏 {address} 是用 {store.stamp.embedder} 建的，不是 {embedder.name} (another embedder)")
    fresh = embedder.encode([passage.embedded for passage in store.passages(sample)])
    for number, vector in zip(sample, fresh, strict=True):
        if store.cosines(vector, [number])[0] < _LEAST_COSINE:
            raise BaowenError(f"馆藏 {address} 第 {number} 段的向量不符 (wrong vector){mend}")
