"""Link texts that one issue prints twice: the first is kept and lists the others."""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Sequence
from dataclasses import replace

from ...article import Article

_SHINGLE = 8
_SIGNATURE = 8
ALIKE = 0.85
_SHORTEST = 40


def link_reprints(articles: Sequence[Article]) -> list[Article]:
    """The articles without near-identical repeats; each one kept lists its repeats in ``reprints``.

    Two bodies are near-identical if their sets of 8-character shingles overlap by 0.85 (Broder, 1997). Bodies of fewer
    than 40 characters are left alone, because notices and weather lines resemble each other without being the same.
    Texts of the same page in two files are also left alone: they are versions of it, and the archive keeps the later
    one.
    """
    kept: list[Article] = []
    shingled: list[frozenset[str]] = []
    by_hash: dict[int, list[int]] = {}
    for article in articles:
        own = shingles(article.body)
        signed = sketch(own)
        candidates = sorted({index for value in signed for index in by_hash.get(value, ())})
        alike = (index for index in candidates if overlap(own, shingled[index]) >= ALIKE)
        twin = next((index for index in alike if not _versions(article, kept[index])), None)
        if twin is not None:
            kept[twin] = replace(kept[twin], reprints=(*kept[twin].reprints, article.id))
            continue
        for value in signed:
            by_hash.setdefault(value, []).append(len(kept))
        kept.append(article)
        shingled.append(own)
    return kept


def same_page(a: Article, b: Article) -> bool:
    """Whether two articles are from the same paper, date and page.

    The date must be known. If the page is unknown, the file names must be equal (``01.md`` in two folders); if only the
    paper is unknown, the files must be in the same folder or have equal names.
    """
    if a.date is None or (a.date, a.paper, a.page) != (b.date, b.paper, b.page):
        return False
    places = [article.source.rpartition("/") for article in (a, b)]
    one_folder, one_name = places[0][0] == places[1][0], places[0][2] == places[1][2]
    return one_name or (a.page is not None and (bool(a.paper) or one_folder))


def _versions(a: Article, b: Article) -> bool:
    return a.source != b.source and same_page(a, b)


def sketch(shingled: frozenset[str]) -> list[int]:
    """The eight smallest hashes of a text's shingles; texts that overlap by 0.85 have none in common once in 10⁶ cases.

    The smallest shingles themselves would all come from one place, the dateline, since digits sort before Chinese.
    """
    return heapq.nsmallest(_SIGNATURE, (zlib.crc32(shingle.encode()) for shingle in shingled))


def shingles(body: str) -> frozenset[str]:
    """The 8-character pieces of a text without spaces; none if the text has fewer than 40 characters."""
    bare = "".join(body.split())
    if len(bare) < _SHORTEST:
        return frozenset()
    return frozenset(bare[start : start + _SHINGLE] for start in range(len(bare) - _SHINGLE + 1))


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Jaccard index of two sets of shingles."""
    union = len(a | b)
    return len(a & b) / union if union else 0.0
