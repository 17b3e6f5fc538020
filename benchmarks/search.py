"""Exact search: compares 200 generated queries with a plain scan of 20,000 articles; counts, sizes and times.

``python -m benchmarks.search DATA [ARTICLES]`` writes ``results/search.json``. Vectors come from a stand-in.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from index.build import build
from index.config import PassageSettings
from index.search.facets import EVERY
from index.search.parser import parse
from index.search.texts import TEXTS
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder

from .__main__ import machine, save
from .data import read_jsonl
from .search_oracle import FACETS, Questions, Scanned, facets
from .standin import StandInEmbedder

_QUERIES = 200


def measure(data: Path, most: int) -> dict[str, Any]:
    """Build an archive of real news, and run the same queries on it and on the scan."""
    records = read_jsonl(data / "eval" / "news_20k.jsonl.gz")[:most]
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (Path(folder) / "news.jsonl").write_text(lines, encoding="utf-8")
        begun = time.perf_counter()
        build([Path(folder) / "news.jsonl"], Path(folder) / "archive", StandInEmbedder(), PassageSettings())
        seconds = time.perf_counter() - begun
        store = LocalStore(ArchiveFolder(Path(folder) / "archive").require_current())
        return {"benchmark": "search", "machine": machine(), "build_s": round(seconds, 1)} | _compared(store)


def _compared(store: LocalStore) -> dict[str, Any]:
    search = store.search
    scanned = [Scanned.of(article) for article in store.articles(10**9)]
    wrong, times = [], []
    for question in Questions(scanned).make(_QUERIES):
        begun = time.perf_counter()
        expression = parse(question.query)
        search.numbers(expression, "newest", 20)
        counted, total = search.facets(expression, FACETS, EVERY), search.count(expression)
        times.append(1000 * (time.perf_counter() - begun))
        expected = question.hits(scanned)
        numbers = search.numbers(expression, "oldest", max(1, total))
        batches = (numbers[start : start + 500] for start in range(0, len(numbers), 500))
        found = {article.id for batch in batches for article in search.articles(batch)}
        if found != expected or counted != facets([x for x in scanned if x.article.id in expected]):
            wrong.append(question.query)
    size = {path: sum(f.stat().st_size for f in path.rglob("*")) for path in (store.folder / TEXTS, store.folder)}
    texts, whole = size.values()
    p50, p95 = np.percentile(times, (50, 95))
    return {
        "articles": store.stamp.articles,
        "passages": store.stamp.passages,
        "queries": len(times),
        "wrong": wrong,
        "p50_ms": round(float(p50), 2),
        "p95_ms": round(float(p95), 2),
        "texts_mb": round(texts / 1e6, 1),
        "size_ratio": round(whole / (whole - texts), 3),
    }


if __name__ == "__main__":
    result = measure(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
    save(result)
    print({name: value for name, value in result.items() if name != "machine"})
