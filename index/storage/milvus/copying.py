"""Copy a published state into Milvus, without embedding anything again, and publish it through its alias."""

from __future__ import annotations

import base64
import datetime
import json
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Span, date_number, dump_article
from index.config import MilvusSettings
from index.errors import BaowenError
from index.regions import Region, pack_regions
from index.text.words import words

from ..store import Stamp, embedded_text, facets
from .address import MilvusAddress, told
from .schema import ABOUT, META, PARTS, chunks, create
from .states import State, current_prefix, drop, load, prefixes
from .weights import Bm25

if TYPE_CHECKING:
    from pymilvus import MilvusClient

_ROWS = 256  # rows per request
_KEEP = 3  # number of published states to keep
_DEAD_AFTER = datetime.timedelta(days=1)  # a state still incomplete after this time no longer has a writer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Whole:
    """An article with its passages and their vectors, (passages, dimension)."""

    article: Article
    regions: tuple[Region, ...]
    spans: Sequence[Span]
    vectors: NDArray[np.float32]


@dataclass(frozen=True)
class CopySource:
    """What is copied: its stamp, and its articles, newest first, then by page; they can be iterated repeatedly."""

    stamp: Stamp
    articles: Callable[[], Iterator[Whole]]


def copy_to_milvus(
    source: CopySource,
    address: MilvusAddress,
    settings: MilvusSettings,
    inspect: Callable[[MilvusClient, str], None] = lambda client, prefix: None,
) -> Stamp:
    """Copy a state, check its counts, and publish it in one step; the previously published state stays readable.

    Args:
        inspect: a further check of the state with this prefix; raises ``BaowenError``.

    Raises:
        BaowenError: Milvus or a check failed; nothing was published.
    """
    client = address.client(settings)
    now = datetime.datetime.now(datetime.UTC)
    with told(address):
        prefix = _named(prefixes(client, address.name), address.name, now)
        _remove_leftovers(client, address, now)
        try:
            create(client, prefix, source.stamp.dimension)
            stamp = _Writer(client, prefix).write(source)
            _check(client, prefix, stamp)
            inspect(client, prefix)
            _publish(client, address, prefix)
        except BaseException:
            _discard(client, prefix)
            raise
        complete = [one.prefix for one in prefixes(client, address.name) if one.complete]
        for old in complete[:-_KEEP]:
            if old not in (prefix, current_prefix(client, address.name)):  # another copy may be published by now
                drop(client, old)
    return stamp


def _named(held: Sequence[State], name: str, now: datetime.datetime) -> str:
    """The name prefix of a new state's collections; it sorts after all existing ones, whatever this machine's clock."""
    begun = max([now, *(state.begun + datetime.timedelta(seconds=1) for state in held)])
    return f"{name}_{begun:%Y%m%d%H%M%S}_{secrets.token_hex(3)}"


class _Writer:
    def __init__(self, client: MilvusClient, prefix: str) -> None:
        self._client, self._prefix = client, prefix
        self._waiting: dict[str, list[dict[str, object]]] = {part: [] for part in PARTS}

    def write(self, source: CopySource) -> Stamp:
        """Write everything; the row that describes the state is written last, when all else is stored."""
        weights = Bm25()
        for whole in source.articles():
            for span in whole.spans:
                weights.count(*_words(whole.article, span))
        dates, kinds, passages, count = Counter[str](), Counter[str](), 0, 0
        for count, whole in enumerate(source.articles(), 1):
            self._article(count, whole, weights, passages)
            passages += len(whole.spans)
            dates[whole.article.date or ""] += 1
            kinds.update(facets(whole.article))
        for place, times in weights.common().items():
            self._add("words", {"number": place, "passages": times, "about": [0.0] * ABOUT})
        stamp = Stamp(**(asdict(source.stamp) | {"articles": count, "passages": passages, "probes": 0}))
        self._flush()
        described = {"stamp": asdict(stamp), "dates": dates, "facets": kinds}
        self._add("articles", _row(META, "", "", "", chunks(json.dumps(described, ensure_ascii=False))))
        self._flush()
        return stamp

    def _article(self, number: int, whole: Whole, weights: Bm25, before: int) -> None:
        article, named, date = whole.article, facets(whole.article), date_number(whole.article.date)
        regions = base64.b64encode(pack_regions(whole.regions)).decode() if whole.regions else ""
        row = _row(number, article.id, dump_article(article), regions, chunks(article.body))
        self._add("articles", row | {"date": date, "facets": named})
        for offset, (span, vector) in enumerate(zip(whole.spans, whole.vectors, strict=True), 1):
            values = {
                "number": before + offset,
                "dense": vector.tolist(),
                "sparse": weights.vector(*_words(article, span)) or {0: 1e-6},  # Milvus requires at least one weight
                "article": number,
                "start": span.start,
                "end": span.end,
                "date": date,
                "identity": article.id,
                "heading": article.heading,
                "text": article.body[span.start : span.end],
                "facets": named,
            }
            self._add("passages", values)

    def _add(self, part: str, row: dict[str, object]) -> None:
        self._waiting[part].append(row)
        if len(self._waiting[part]) >= _ROWS:
            self._send(part)

    def _send(self, part: str) -> None:
        if self._waiting[part]:
            self._client.insert(f"{self._prefix}_{part}", self._waiting[part])
            self._waiting[part] = []

    def _flush(self) -> None:
        for part in PARTS:
            self._send(part)
            self._client.flush(f"{self._prefix}_{part}")


def _row(number: int, identity: str, fields: str, regions: str, body: list[str]) -> dict[str, object]:
    named = {"number": number, "identity": identity, "fields": fields, "regions": regions, "body": body}
    return named | {"date": 0, "facets": [], "about": [0.0] * ABOUT}


def _words(article: Article, span: Span) -> tuple[list[str], list[str]]:
    return words(article.heading), words(article.body[span.start : span.end])


def _check(client: MilvusClient, prefix: str, stamp: Stamp) -> None:
    load(client, prefix)
    for part, wanted in (("articles", stamp.articles + 1), ("passages", stamp.passages)):
        counted = client.query(f"{prefix}_{part}", filter="", output_fields=["count(*)"], consistency_level="Strong")
        if (held := counted[0]["count(*)"]) != wanted:
            raise BaowenError(f"写入 Milvus 的 {part} 有 {held} 行，应有 {wanted} 行 (rows are missing)；没有发布")


def _publish(client: MilvusClient, address: MilvusAddress, prefix: str) -> None:
    """Publish the state in one step; until then, readers see the previous one."""
    if current_prefix(client, address.name) is None:
        client.create_alias(f"{prefix}_passages", address.name)
    else:
        client.alter_alias(f"{prefix}_passages", address.name)


def _discard(client: MilvusClient, prefix: str) -> None:
    """Remove an unpublished state; if that fails too, a later copy removes it."""
    try:
        drop(client, prefix)
    except Exception as error:
        log.warning("%s", error)


def _remove_leftovers(client: MilvusClient, address: MilvusAddress, now: datetime.datetime) -> None:
    for state in prefixes(client, address.name):
        if not state.complete and now - state.begun > _DEAD_AFTER:
            drop(client, state.prefix)


def embedded(whole: Whole) -> list[str]:
    """The texts from which the vectors of an article's passages were computed."""
    return [embedded_text(whole.article, span) for span in whole.spans]
