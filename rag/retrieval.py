"""Find passages: a dense leg and a jieba-BM25 leg, fused by reciprocal rank."""

from __future__ import annotations

import datetime
import unicodedata

from index.config import RetrievalSettings
from index.embedder import Embedder
from index.errors import BaowenError
from index.store import Filter, Hit, Store
from index.words import question_words

from .results import Passage


def check_question(question: str, longest: int) -> str:
    """The question without surrounding space and control characters.

    Raises:
        BaowenError: it is empty or longer than ``longest`` characters.
    """
    cleaned = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in question).strip()
    if not cleaned:
        raise BaowenError("问题是空的 (the question is empty)；请写下想问的事")
    if len(cleaned) > longest:
        raise BaowenError(f"问题太长 (too long): {len(cleaned)} 字，最多 {longest} 字；请只写要问的那一句")
    return cleaned


def check_date(name: str, value: str | datetime.date | None) -> str | None:
    """``value`` as an ISO date.

    Raises:
        BaowenError: it is not a date.
    """
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise BaowenError(f"{name}={value!r} 不是日期 (not a date)；请写成 2024-07-30") from None


def check_count(k: int) -> int:
    """``k`` itself.

    Raises:
        BaowenError: it is less than 1.
    """
    if k < 1:
        raise BaowenError(f"k={k}：至少要取 1 条 (k must be at least 1)")
    return k


def search(
    store: Store, embedder: Embedder, question: str, k: int, where: Filter, settings: RetrievalSettings
) -> list[Passage]:
    """The best ``k`` passages, or all that there are; best first."""
    candidates = max(k, settings.candidates)
    vector = embedder.encode([question], query=True)[0]
    dense = store.dense(vector[None], candidates, where)[0]
    lexical = store.lexical(question_words(question), candidates, where)
    fused = fuse([dense, lexical], settings.rrf_k)[:k]
    cosines = {hit.number: hit.score for hit in dense}
    bm25s = {hit.number: hit.score for hit in lexical}
    found = store.passages([hit.number for hit in fused])
    return [
        Passage(
            stored.text,
            hit.score,
            stored.span.start,
            stored.span.end,
            stored.article,
            cosines.get(hit.number),
            bm25s.get(hit.number),
        )
        for stored, hit in zip(found, fused, strict=True)
    ]


def fuse(legs: list[list[Hit]], rrf_k: int) -> list[Hit]:
    """Reciprocal rank fusion: score = Σ 1 / (rrf_k + rank), ranks from 1 (Cormack, Clarke and Büttcher, SIGIR 2009).

    Ties go to the passage that is first in the earlier leg.
    """
    scores: dict[int, float] = {}
    for leg in legs:
        for rank, hit in enumerate(leg, 1):
            scores[hit.number] = scores.get(hit.number, 0.0) + 1.0 / (rrf_k + rank)
    return sorted((Hit(number, score) for number, score in scores.items()), key=lambda hit: -hit.score)
