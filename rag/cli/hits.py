"""``baowen search --all``: every hit of a query."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.search.facets import EVERY
from index.text.words import harmless

from .auditing import note
from .printing import place, print_json, say

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.search.hits import Hits


@dataclass(frozen=True)
class HitOptions:
    """The query and its options from the command line; ``export``: an export format, or the path of a CSL style."""

    query: str
    sort: str
    mode: str
    facets: bool
    export: str | None
    as_json: bool


def print_hits(archive: Archive, asked: HitOptions) -> None:
    """Print every hit, and with ``facets`` a last line of counts; or write the hits in the form of ``export``."""
    hits = archive.search_all(asked.query, asked.sort, asked.mode)
    if asked.export:
        from rag.search.exports import export, references

        note("exported", question=asked.query, form=asked.export, articles=hits.total, snapshot=hits.snapshot)
        articles = (hit.article for hit in hits)
        by_style = asked.export.endswith(".csl")
        made = references(articles, Path(asked.export)) if by_style else export(articles, asked.export)
        sys.stdout.buffer.write(made)
        return
    for rank, hit in enumerate(hits, 1):
        if asked.as_json:
            print_json(hit.as_dict())
        else:
            context = " … ".join(harmless(" ".join(snippet.text.split())) for snippet in hit.snippets)
            say(f"{rank}. {place(hit.article)}\n   {context}\n")
    counts = hits.facets(most=EVERY) if asked.facets else {}
    if asked.as_json and asked.facets:
        print_json({"total": hits.total, "facets": counts})
    elif not asked.as_json:
        _say_counts(hits, counts, asked.mode)


def _say_counts(hits: Hits, counts: Mapping[str, Mapping[str, int]], mode: str) -> None:
    rule = (
        "题名或正文里有所查的字；写明字段的，看那个字段" if mode == "words" else "意思最接近的一些，不是全部 (not all)"
    )
    say(f"共 {hits.total} 篇 (articles)：{rule}")
    for facet, values in counts.items():
        listed = "  ".join(f"{harmless(value)} {count}" for value, count in list(values.items())[:20])
        say(f"{facet}: {listed}")
