"""The three collections of a published state: passages with vectors, articles, and word frequencies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from ..store import Filter

if TYPE_CHECKING:
    from pymilvus import MilvusClient
    from pymilvus.milvus_client.index import IndexParams

PARTS = ("passages", "articles", "words")
META = -1  # number of the article row that describes the state; it is written last
CHUNK = 15_000  # characters of text per string: Milvus allows 65,535 bytes
ABOUT = 2  # dimension of the vector that Milvus requires in every collection
_LONGEST = 65_535
_MOST_FACETS = 256
_MOST_CHUNKS = 4_000


def dimension_of(word: str) -> int:
    """A word's dimension in the sparse vectors: 32 bits, the same everywhere. Milvus allows up to 2**32 - 2."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big") % (2**32 - 1)


def condition(where: Filter, among: Collection[int] | None = None) -> str:
    """A filter as a Milvus expression, of passages of ``among`` where given; empty if everything matches."""
    first, last = where.dates
    parts = [f"array_contains(facets, {literal(facet)})" for facet in where.facets]
    if first is not None or last is not None:
        parts.append(f"date >= {first or 1}")
    if last is not None:
        parts.append(f"date <= {last}")
    if among is not None:
        parts.append(numbers_in("article", among))
    return " and ".join(parts)


def literal(text: str) -> str:
    """A text as a quoted literal."""
    return json.dumps(text, ensure_ascii=False)


def numbers_in(field: str, numbers: Iterable[int]) -> str:
    """The condition that a field has one of the given numbers."""
    return f"{field} in [{', '.join(map(str, numbers))}]"


def chunks(text: str) -> list[str]:
    """Split a long text into strings short enough for Milvus."""
    return [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]


def create(client: MilvusClient, prefix: str, dimension: int) -> None:
    """Create the collections of a state; they are empty, and no alias refers to them yet."""
    from pymilvus import DataType

    string: dict[str, object] = {"datatype": DataType.VARCHAR, "max_length": _LONGEST}
    number: dict[str, object] = {"datatype": DataType.INT64}
    facets = {"datatype": DataType.ARRAY, "element_type": DataType.VARCHAR}
    about = ("about", {"datatype": DataType.FLOAT_VECTOR, "dim": ABOUT})
    listed = ("facets", facets | {"max_capacity": _MOST_FACETS, "max_length": 1024})
    body = ("body", facets | {"max_capacity": _MOST_CHUNKS, "max_length": _LONGEST})
    fields: dict[str, Sequence[tuple[str, dict[str, object]]]] = {
        "passages": [
            ("dense", {"datatype": DataType.FLOAT_VECTOR, "dim": dimension}),
            ("sparse", {"datatype": DataType.SPARSE_FLOAT_VECTOR}),
            *((name, number) for name in ("article", "start", "end", "date")),
            *((name, string) for name in ("identity", "heading", "text")),
            listed,
        ],
        "articles": [about, ("date", number), *((n, string) for n in ("identity", "fields", "regions")), listed, body],
        "words": [about, ("passages", number)],
    }
    for part in PARTS:
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("number", DataType.INT64, is_primary=True)
        for name, options in fields[part]:
            schema.add_field(name, **options)
        client.create_collection(f"{prefix}_{part}", schema=schema, index_params=_indexes(client, part))


def _indexes(client: MilvusClient, part: str) -> IndexParams:
    indexes = client.prepare_index_params()
    if part == "passages":
        indexes.add_index("dense", index_type="HNSW", metric_type="COSINE", params={"M": 16, "efConstruction": 200})
        indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        indexes.add_index("date", index_type="INVERTED")
    else:
        indexes.add_index("about", index_type="FLAT", metric_type="L2")
    return indexes
