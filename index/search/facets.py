"""Exact counts of a field's values among the hits of a query, without looking at every value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import tantivy

from index.types import JsonObject

EVERY = 1 << 30  # requests all values of a field
_MOST = 65_000  # values per search, the limit of tantivy's aggregations
_FEW = 1000  # values of each index segment that are examined first
_MARGIN = 2  # candidates per requested value

Counts = dict[str, int]


def counted(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    query: tantivy.Query,
    sizes: Mapping[str, int],
    few: int = _FEW,
    most: int = _MOST,
) -> dict[str, Counts]:
    """For each field, the most frequent values among the hits, with their counts.

    Names have tens of thousands of values, most of them rare, and an index has several segments. Therefore the most
    frequent values of each segment are taken first and counted exactly. No other value can have more hits than the last
    values of all segments together; if that does not decide which values come first, all values are counted.

    Args:
        searcher: the searcher of the index.
        schema: the schema of the index.
        query: the query to match.
        sizes: field → number of values; 65,000 or more means all.
        few: number of values of each segment that are examined first.
        most: maximum values per search.
    """
    wider = {field: min(most, _MARGIN * size) for field, size in sizes.items() if size < most}
    whole = [field for field in sizes if field not in wider]
    counts: dict[str, Counts] = {}
    unsure = {}
    first = {field: _terms(field, size, max(few, size)) for field, size in wider.items()}
    for field, result in _found(searcher, query, first, most):
        counts[field] = _counts(result)
        if searcher.num_segments > 1 and result["doc_count_error_upper_bound"]:
            unsure[field] = result["doc_count_error_upper_bound"]
    again = {field: _terms(field, len(counts[field]), include=list(counts[field])) for field in unsure}
    for field, result in _found(searcher, query, again, most):
        others = unsure[field] + (min(counts[field].values()) if len(counts[field]) >= wider[field] else 0)
        counts[field] = _counts(result)
        best = sorted(counts[field].values(), reverse=True)[: sizes[field]]
        if len(best) < sizes[field] or best[-1] <= others:
            whole.append(field)
    for field in whole:
        counts[field] = _all(searcher, schema, query, field, most)
    return {field: counts[field] for field in sizes}


def _all(searcher: tantivy.Searcher, schema: tantivy.Schema, query: tantivy.Query, field: str, most: int) -> Counts:
    """All values of a field; if one search cannot return them, the articles are counted in two halves."""
    ((_, result),) = _found(searcher, query, {field: _terms(field, most, EVERY)}, most)
    if not result["sum_other_doc_count"]:
        return _counts(result)
    numbers = searcher.aggregate(query, {"ends": {"stats": {"field": "number"}}})["ends"]
    first, last = int(numbers["min"]), int(numbers["max"])
    middle = (first + last) // 2
    counts: Counter[str] = Counter()
    for ends in ((first, middle), (middle + 1, last)):
        half = tantivy.Query.range_query(schema, "number", tantivy.FieldType.Unsigned, *ends)
        both = tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in (query, half)])
        counts.update(_all(searcher, schema, both, field, most))
    return counts


def _found(
    searcher: tantivy.Searcher, query: tantivy.Query, asked: Mapping[str, JsonObject], most: int
) -> Iterator[tuple[str, JsonObject]]:
    """Yield the result for each field: from one search or, if it might return too many values, one per field."""
    together = sum(terms["terms"]["size"] for terms in asked.values()) <= most
    for group in [asked] if asked and together else [{field: terms} for field, terms in asked.items()]:
        yield from searcher.aggregate(query, dict(group)).items()


def _terms(field: str, size: int, segment_size: int | None = None, include: list[str] | None = None) -> JsonObject:
    asked: JsonObject = {"field": field, "size": max(1, size)}
    if segment_size is not None:
        asked["segment_size"] = segment_size
    if include is not None:
        asked["include"] = include
    return {"terms": asked}


def _counts(result: JsonObject) -> Counts:
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in result["buckets"]}
