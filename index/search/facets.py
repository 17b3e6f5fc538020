"""Counts of a field's values in what a query matches, exact, without looking at every value that there is."""

from __future__ import annotations

from collections.abc import Mapping

import tantivy

from index.types import JsonObject

ALL = 65_000  # values of one field, which tantivy's aggregations stop at
_EVERY = 1 << 30  # values of each part of the index
_FEW = 1000  # values of each part of the index that are looked at first
_MARGIN = 2  # candidates for each value that is asked for

Counts = dict[str, int]


def counted(
    searcher: tantivy.Searcher, query: tantivy.Query, sizes: Mapping[str, int], few: int = _FEW
) -> dict[str, Counts]:
    """For each field the values that most of the matches have, with how many do.

    Names have tens of thousands of values, most of them rare, and an index has several parts. So the commonest values
    of each part are taken first, and of these the exact counts. No value beside them can have more matches than the
    parts' last ones together; where that does not settle which values come first, all are counted.

    Args:
        searcher: the index.
        query: what is matched.
        sizes: field → how many values; 65,000 for all.
        few: values of each part that are looked at first.
    """
    wider = {field: min(ALL, _MARGIN * size) for field, size in sizes.items() if size < ALL}
    first = {field: _terms(field, size, max(few, size)) for field, size in wider.items()}
    whole = [field for field in sizes if field not in first]
    counts: dict[str, Counts] = {}
    found = searcher.aggregate(query, first) if first else {}
    unsure = {}
    for field, result in found.items():
        counts[field] = _counts(result)
        if searcher.num_segments > 1 and result["doc_count_error_upper_bound"]:
            unsure[field] = result["doc_count_error_upper_bound"]
    if unsure:
        asked = {field: _terms(field, len(counts[field]), include=list(counts[field])) for field in unsure}
        for field, result in searcher.aggregate(query, asked).items():
            others = unsure[field] + (min(counts[field].values()) if len(counts[field]) >= wider[field] else 0)
            counts[field] = _counts(result)
            best = sorted(counts[field].values(), reverse=True)[: sizes[field]]
            if len(best) < sizes[field] or best[-1] <= others:
                whole.append(field)
    if whole:
        every = {field: _terms(field, min(sizes[field], ALL), _EVERY) for field in whole}
        counts |= {field: _counts(result) for field, result in searcher.aggregate(query, every).items()}
    return {field: counts[field] for field in sizes}


def _terms(field: str, size: int, segment_size: int | None = None, include: list[str] | None = None) -> JsonObject:
    asked: JsonObject = {"field": field, "size": max(1, size)}
    if segment_size is not None:
        asked["segment_size"] = segment_size
    if include is not None:
        asked["include"] = include
    return {"terms": asked}


def _counts(result: JsonObject) -> Counts:
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in result["buckets"]}
