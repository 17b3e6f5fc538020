"""The store in Milvus: the same contract as the local store, except for the exact search of articles."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Span
from index.config import MilvusSettings
from index.errors import BaowenError
from index.search.searching import ArticleSearch
from index.types import JsonObject

from ..catalogue import Catalogue
from ..images import ImageStore
from ..store import Filter, PassageHit, PassageText, StoredPassage
from .address import MilvusAddress, told
from .catalogue import MilvusCatalogue
from .copying import CopySource, Whole
from .schema import condition, dimension_of, numbers_in
from .states import described, is_loaded, load, require_current, stamp_of

if TYPE_CHECKING:
    from pymilvus import MilvusClient

_MOST = 16_384  # maximum hits and rows that Milvus returns at a time
_LEAST_EF = 64


class MilvusStore:
    """A published state; it stays as it was when opened.

    Raises:
        BaowenError: it is gone or has another format, or Milvus fails.
    """

    def __init__(self, client: MilvusClient, address: MilvusAddress, prefix: str) -> None:
        self._client, self._address, self._prefix = client, address, prefix
        with told(address):
            held = described(client, prefix)
            if held is None:
                raise BaowenError(f"{address} 的快照 {prefix} 不完整 (not complete)；请再 baowen copy 一次")
            load(client, prefix)
        self.snapshot = prefix
        self.stamp = stamp_of(held, address)
        self.images = ImageStore(Path())  # images are not copied into Milvus
        self._held = MilvusCatalogue(client, address, prefix, held)
        self.catalogue: Catalogue = self._held
        self._dates = sorted(date for date in held["dates"] if date)

    @property
    def search(self) -> ArticleSearch:
        """Not available in Milvus.

        Raises:
            BaowenError: always.
        """
        raise BaowenError(
            f"馆藏 {self._address} 在 Milvus 里，不能检索全部 (no exact search in Milvus)；"
            "请对文件夹里的馆藏检索 (search the archive's folder)"
        )

    def dates(self) -> tuple[str | None, str | None]:
        """The first and last date of its articles; None if no article has a date."""
        return (self._dates[0], self._dates[-1]) if self._dates else (None, None)

    def dense(
        self, vectors: NDArray[np.float32], k: int, where: Filter, among: Collection[int] | None = None
    ) -> list[list[PassageHit]]:
        """The ``k`` passages nearest to each of the unit ``vectors`` (questions, dimension), by cosine."""
        if not len(vectors):
            return []
        look = {"metric_type": "COSINE", "params": {"ef": max(_LEAST_EF, 2 * min(k, _MOST))}}
        return self._hits("dense", vectors.tolist(), look, k, condition(where, among))

    def lexical(
        self, words: Sequence[str], k: int, where: Filter, among: Collection[int] | None = None
    ) -> list[PassageHit]:
        """The ``k`` passages with the best BM25 score for any of ``words``."""
        if not words:
            return []
        question: dict[int, float] = {}
        for word in words:
            place = dimension_of(word)
            question[place] = question.get(place, 0.0) + 1.0
        return self._hits("sparse", [question], {"metric_type": "IP"}, k, condition(where, among))[0]

    def _hits(
        self, field: str, data: Sequence[object], look: Mapping[str, object], k: int, wanted: str
    ) -> list[list[PassageHit]]:
        with told(self._address):
            found = self._client.search(
                f"{self._prefix}_passages",
                data=list(data),
                anns_field=field,
                limit=min(k, _MOST),
                filter=wanted,
                search_params=look,
                output_fields=["number"],
            )
        return [[PassageHit(int(hit["number"]), float(hit["distance"])) for hit in hits] for hits in found]

    def cosines(self, vector: NDArray[np.float32], numbers: Sequence[int]) -> list[float]:
        """Cosines of the given passages with a unit ``vector`` (dimension,)."""
        found = {
            row["number"]: np.asarray(row["dense"], np.float32) for row in self._rows(numbers, ("number", "dense"))
        }
        return [float(found[number] @ vector) for number in numbers]

    def texts(self, numbers: Sequence[int]) -> list[PassageText]:
        """The texts of the given passages, in any order."""
        rows = self._rows(numbers, ("number", "identity", "heading", "text"))
        return [PassageText(row["number"], row["identity"], row["heading"], row["text"]) for row in rows]

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The given passages, in the given order."""
        rows = {row["number"]: row for row in self._rows(numbers, ("number", "article", "start", "end"))}
        articles = self._held.numbered(sorted({row["article"] for row in rows.values()}))
        held = {n: StoredPassage(n, Span(r["start"], r["end"]), articles[r["article"]]) for n, r in rows.items()}
        return [held[number] for number in numbers]

    def documents_with(self, words: Sequence[str]) -> dict[str, int]:
        """The number of passages in which each word occurs."""
        places = {word: dimension_of(word) for word in words}
        rows = self._some("words", sorted(set(places.values())), ("number", "passages"))
        found = {row["number"]: int(row["passages"]) for row in rows}
        return {word: found.get(place, 0) for word, place in places.items()}

    def articles(self, limit: int, offset: int = 0, where: Filter | None = None) -> list[Article]:
        """Articles, newest first, then by page, which is the order of their numbers."""
        if where:
            rows = self._held.rows(f"number >= 0 and {condition(where)}", ("number",))
            numbers = sorted(int(row["number"]) for row in rows)[offset : offset + limit]
        else:
            numbers = list(range(offset + 1, min(offset + limit, self.stamp.articles) + 1))
        found = self._held.numbered(numbers)
        return [found[number] for number in numbers]

    def nearest(self, where: Filter) -> tuple[str | None, str | None]:
        """The last article date before a range and the first one after it."""
        before = bisect.bisect_left(self._dates, where.since or "")
        after = bisect.bisect_right(self._dates, where.until or "9999")
        return self._dates[before - 1] if before else None, self._dates[after] if after < len(self._dates) else None

    def source(self) -> CopySource:
        """The whole state, for copying it elsewhere."""
        return CopySource(self.stamp, self._wholes)

    def _wholes(self) -> Iterator[Whole]:
        size = 64
        for start in range(1, self.stamp.articles + 1, size):
            numbers = list(range(start, min(start + size, self.stamp.articles + 1)))
            articles = self._held.numbered(numbers)
            found: dict[int, list[JsonObject]] = {number: [] for number in numbers}
            fields = ("number", "article", "start", "end", "dense")
            for row in self._held.rows(numbers_in("article", numbers), fields, "passages"):
                found[row["article"]].append(row)
            for number in numbers:
                rows = sorted(found[number], key=lambda row: int(row["number"]))
                spans = [Span(row["start"], row["end"]) for row in rows]
                vectors = np.array([row["dense"] for row in rows], np.float32).reshape(len(rows), self.stamp.dimension)
                yield Whole(articles[number], self.catalogue.regions(articles[number].id), spans, vectors)

    def _rows(self, numbers: Sequence[int], fields: Sequence[str]) -> list[JsonObject]:
        return self._some("passages", numbers, fields)

    def _some(self, part: str, numbers: Sequence[int], fields: Sequence[str]) -> list[JsonObject]:
        """Rows by number."""
        found: list[JsonObject] = []
        with told(self._address):
            for start in range(0, len(numbers), _MOST):
                wanted = numbers_in("number", numbers[start : start + _MOST])
                found += self._client.query(f"{self._prefix}_{part}", filter=wanted, output_fields=list(fields))
        return found


class CurrentMilvus:
    """Opens the published state; again, if another is published or Milvus was restarted."""

    def __init__(self, address: MilvusAddress, settings: MilvusSettings) -> None:
        self._address = address
        self._client = address.client(settings)
        self._lock = threading.Lock()
        self._store: MilvusStore | None = None

    def __call__(self) -> MilvusStore:
        """The published state."""
        with self._lock, told(self._address):
            prefix = require_current(self._client, self._address)
            store = self._store
            if store is None or store.snapshot != prefix or not is_loaded(self._client, prefix):
                store = self._store = MilvusStore(self._client, self._address, prefix)
            return store
