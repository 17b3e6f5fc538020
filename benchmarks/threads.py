"""How well threads are found: pairs of reports on the same matter, and near misses, labelled by reading.

``python -m benchmarks.threads DATA`` writes ``results/threads.json``. ``thread_pairs.jsonl`` names the reports by id
and does not contain their text; the openings of both reports were read. A pair is on the same matter if both report the
same event, case, decision or dispute; two events of one kind, in one place or with one person are a near miss. Set
``a`` is for development, set ``b`` for judging. The weights (``training/threads.py``) were fitted on other pairs.

``found`` is the share of the pairs on one matter that ``Archive.thread`` shows, ``wrong`` that of the near misses, and
``wrong_of_shown`` the share of near misses among the pairs that it shows.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.build import build
from index.config import PassageSettings, Settings
from index.models.embedder import load_embedder
from index.search.names import news_names
from index.types import JsonObject
from rag import Archive

from .__main__ import machine, save
from .data import read_jsonl

_PAIRS = Path(__file__).parent / "thread_pairs.jsonl"
_ARTICLES = 6000  # the first of news_20k, from which the pairs were taken


def shown(archive: Archive, pair: JsonObject) -> tuple[bool, int, float]:
    """Whether the thread of one report contains the other, how many reports it has, and the seconds it takes."""
    started = time.perf_counter()
    thread = archive.thread(pair["report"])
    seconds = time.perf_counter() - started
    ids = {follow.article.id for follow in (*thread.earlier, *thread.later)}
    return pair["other"] in ids, len(ids), seconds


def shares(pairs: Sequence[JsonObject], right: Sequence[bool]) -> JsonObject:
    """The shares of pairs shown, among those on the same matter and among near misses, from 0 to 1."""
    held = {
        same: [one for pair, one in zip(pairs, right, strict=True) if pair["same"] is same] for same in (True, False)
    }
    return {
        "pairs": len(held[True]),
        "found": round(float(np.mean(held[True])), 3),
        "near_misses": len(held[False]),
        "wrong": round(float(np.mean(held[False])), 3),
        "wrong_of_shown": round(sum(held[False]) / (sum(right) or 1), 3),
    }


def judged(archive: Archive) -> JsonObject:
    """Look up the pairs, in both sets and together."""
    pairs = read_jsonl(_PAIRS)
    right, sizes, seconds = zip(*[shown(archive, pair) for pair in pairs], strict=True)
    sets = {
        part: shares(*zip(*[(p, r) for p, r in zip(pairs, right, strict=True) if p["set"] in part], strict=True))
        for part in ("a", "b", "ab")
    }
    return {
        "sets": sets,
        "reports_in_a_thread": round(float(np.mean(sizes)), 1),
        "seconds": {"p50": round(float(np.median(seconds)), 2), "p95": round(float(np.quantile(seconds, 0.95)), 2)},
    }


def measure(data: Path) -> JsonObject:
    """Build an archive with names, and look up the pairs."""
    records = read_jsonl(data / "eval" / "news_20k.jsonl.gz")[:_ARTICLES]
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        Path(folder, "news.jsonl").write_text(lines, encoding="utf-8")
        embedder = load_embedder(Settings())
        build([Path(folder, "news.jsonl")], Path(folder, "a"), embedder, PassageSettings(), tagger=news_names)
        found = judged(Archive.open(Path(folder, "a")))
    return {"benchmark": "threads", "machine": machine(), "articles": _ARTICLES, **found}


if __name__ == "__main__":
    measured = measure(Path(sys.argv[1]))
    save(measured)
    print(json.dumps(measured, indent=1))
