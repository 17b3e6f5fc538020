"""Time of exact searches with all their counts in 1,000,000 passages, and the size of the lists.

``python -m benchmarks.search_scale DATA [--passages N] [--keep FOLDER]`` writes ``results/search_scale.json``. Real
news is repeated over fifty years. Each copy ends in its own number, so that its text is unique, except that one in
twenty is a reprint of an earlier one. Newspaper, section, page and reporters are random; names are those that the
tagger finds. Words and names are found once per text and cached, and vectors come from a stand-in, so building is
faster than with as many different texts. Each query returns what a page of the search shows: the first 20 hits with
their words in context, reprints folded, the total and the counts of all nine facets.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from index import next_snapshot
from index.build import build
from index.config import PassageSettings
from index.search.names import news_names
from index.search.searching import SORTS
from index.search.texts import TEXTS
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder
from index.text.names import Name
from index.text.passages import cut_passages
from index.text.words import words
from rag.search.hits import find
from rag.web.views.search import answered

from .__main__ import machine, save
from .data import read_jsonl
from .scale import write
from .search_oracle import Questions, Scanned
from .standin import StandInEmbedder

_TEXTS = 2000
_QUERIES, _WARM = 450, 45
_REPRINT = 0.05
_MARK = "\n编号"
_FIRST = datetime.date(1974, 1, 1)
_DAYS = 50 * 365
_PAPERS = ("江州日报", "云桥晚报", "江州劳动报", "海岸青年报", "云桥商报")
_SECTIONS = ("要闻", "民生", "经济", "文化", "体育", "国际", "副刊", "理论")
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴", "芳敏静强磊洋艳勇军杰"


class CachedNames:
    """A name tagger that reads each text once and ignores the number at the end of a copy."""

    def __init__(self) -> None:
        self._read = lru_cache(maxsize=None)(news_names().names)

    def names(self, text: str) -> list[Name]:
        """The names in a text."""
        return [] if text.startswith(_MARK.strip()) else self._read(text)


def _cached_words() -> None:
    cut = lru_cache(maxsize=None)(words)

    def quick(text: str) -> list[str]:
        head, mark, number = text.partition(_MARK)
        return [*cut(head), number] if mark else cut(text)

    next_snapshot.words = quick  # type: ignore[attr-defined]


def repeated(records: Sequence[dict[str, Any]], passages: int) -> Iterator[dict[str, Any]]:
    """Yield articles up to the given number of passages, in the order of their dates."""
    settings = PassageSettings()
    rng = random.Random(0)
    lengths = [len(cut_passages(r["text"], settings.length, settings.longest_sentence)) for r in records]
    most = int(passages / sum(lengths) * len(records))
    for number in range(most):
        text = records[number % len(records)]["text"]
        same = number >= len(records) and rng.random() < _REPRINT
        date = _FIRST + datetime.timedelta(days=number * _DAYS // most)
        yield {
            "id": f"a{number}",
            "date": date.isoformat(),
            "title": text[:16],
            "text": f"{text}{_MARK}{number % len(records) if same else number}。",
            "paper": rng.choice(_PAPERS),
            "section": rng.choice(_SECTIONS),
            "page": rng.randint(1, 16),
            "reporters": [rng.choice(_SURNAMES) + rng.choice(_GIVEN) + rng.choice(_GIVEN)],
        }


def made(data: Path, folder: Path, passages: int) -> Path:
    """The archive, built if the folder does not contain it."""
    archive = folder / "archive"
    if not archive.exists():
        records = read_jsonl(data / "eval" / "news_20k.jsonl.gz")[:_TEXTS]
        write(repeated(records, passages), folder / "years")
        _cached_words()
        build([folder / "years"], archive, StandInEmbedder(), PassageSettings(), tagger=CachedNames)
    return archive


def measure(archive: Path) -> dict[str, Any]:
    """Run the queries; the first ones only warm up the archive."""
    store = LocalStore(ArchiveFolder(archive).require_current())
    scanned = [Scanned.of(article) for article in store.articles(_TEXTS)]
    times: dict[str, list[float]] = defaultdict(list)
    slowest: list[tuple[float, str]] = []
    for number, question in enumerate(Questions(scanned).make(_WARM + _QUERIES)):
        begun = time.perf_counter()
        answered(find(store, question.query, SORTS[number % len(SORTS)]), 20, 0)
        taken = 1000 * (time.perf_counter() - begun)
        if number >= _WARM:
            times[question.operator].append(taken)
            slowest.append((round(taken, 1), question.query))
    size = {path: sum(f.stat().st_size for f in path.rglob("*")) for path in (store.folder / TEXTS, store.folder)}
    texts, whole = size.values()
    return {
        "benchmark": "search_scale",
        "machine": machine(),
        "articles": store.stamp.articles,
        "passages": store.stamp.passages,
        "queries": sum(map(len, times.values())),
        "all": _percentiles([taken for held in times.values() for taken in held]),
        "operators": {operator: _percentiles(held) for operator, held in times.items()},
        "slowest": sorted(slowest, reverse=True)[:10],
        "texts_gb": round(texts / 1e9, 3),
        "size_ratio": round(whole / (whole - texts), 3),
    }


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(times, (50, 95))
    return {"p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}


def main() -> None:
    """Build the archive, run the queries, save and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="folder that keeps the archive for later runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        result = measure(made(options.data, folder, options.passages))
    save(result)
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
