"""How well threads are found: pairs of reports on the same matter, and near misses, labelled by reading.

``python -m benchmarks.threads DATA`` writes ``results/threads.json``. ``thread_pairs.jsonl`` names the reports by id
and does not contain their text; the openings of both reports were read. A pair is on the same matter if both report the
same event, case, decision or dispute; two events of one kind, in one place or with one person are a near miss. Set
``a`` is for development, set ``b`` for judging.

In addition to what ``Archive.thread`` finds, a regression over the similarity features and the days between the two
reports is fitted on one set and judged on the other, to show what fitted weights and a fitted threshold would give.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from index.build import build
from index.config import PassageSettings, Settings
from index.search.names import news_names
from index.storage.store import Store
from index.types import JsonObject
from rag import Archive
from rag.stories.likeness import Profile, alike_in
from rag.stories.threads import require

from .__main__ import machine, save
from .data import read_jsonl
from .standin import StandInEmbedder

_PAIRS = Path(__file__).parent / "thread_pairs.jsonl"
_ARTICLES = 6000  # the first of news_20k, from which the pairs were taken
FEATURES = ("words", "names", "days")


def found(archive: Archive, pair: JsonObject) -> bool:
    """Whether the thread of one report contains the other."""
    thread = archive.thread(pair["report"])
    return pair["other"] in {follow.article.id for follow in (*thread.earlier, *thread.later)}


def features(store: Store, pair: JsonObject) -> list[float]:
    """The shared words and names of two reports, and the logarithm of the days between them."""
    articles = [require(store, pair[side]) for side in ("report", "other")]
    numbers = [store.search.numbers_of([article.id])[0] for article in articles]
    profiles = [Profile.of(article, number, store) for article, number in zip(articles, numbers, strict=True)]
    days = [date.fromisoformat(article.date or "") for article in articles]
    return [*alike_in(*profiles), float(np.log1p(abs((days[1] - days[0]).days)))]


def shares(pairs: Sequence[JsonObject], right: Sequence[bool] | NDArray[np.bool_]) -> JsonObject:
    """The shares of pairs found, among those on the same matter and among near misses, from 0 to 1."""
    held = {
        same: [bool(one) for pair, one in zip(pairs, right, strict=True) if pair["same"] is same]
        for same in (True, False)
    }
    return {
        "pairs": len(held[True]),
        "found": round(float(np.mean(held[True])), 3),
        "near_misses": len(held[False]),
        "wrong": round(float(np.mean(held[False])), 3),
    }


def crossed(pairs: Sequence[JsonObject], rows: NDArray[np.float64]) -> JsonObject:
    """What a regression fitted on the other set finds in each set, and its weights."""
    sets, labels = (np.array([pair[name] for pair in pairs]) for name in ("set", "same"))
    result: JsonObject = {}
    for judged in ("a", "b"):
        model = LogisticRegression().fit(rows[sets != judged], labels[sets != judged])
        weights = dict(zip((*FEATURES, "bias"), [*model.coef_[0], model.intercept_[0]], strict=True))
        own = [pair for pair in pairs if pair["set"] == judged]
        result[judged] = shares(own, model.predict(rows[sets == judged])) | {
            "weights": {name: round(float(weight), 3) for name, weight in weights.items()}
        }
    return result


def measure(data: Path) -> JsonObject:
    """Build an archive with names, and look up the pairs."""
    pairs, records = read_jsonl(_PAIRS), read_jsonl(data / "eval" / "news_20k.jsonl.gz")[:_ARTICLES]
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        Path(folder, "news.jsonl").write_text(lines, encoding="utf-8")
        embedder = StandInEmbedder()
        build([Path(folder, "news.jsonl")], Path(folder, "a"), embedder, PassageSettings(), tagger=news_names)
        archive = Archive.open(Path(folder, "a"), Settings(embedder={"model": embedder.name}))
        right = [found(archive, pair) for pair in pairs]
        rows = np.array([features(archive.store, pair) for pair in pairs])
    own = {
        part: shares(*zip(*[(p, r) for p, r in zip(pairs, right, strict=True) if p["set"] == part], strict=True))
        for part in ("a", "b")
    }
    return {
        "benchmark": "threads",
        "machine": machine(),
        "articles": _ARTICLES,
        "sets": own,
        "fitted_to_the_other_set": crossed(pairs, rows),
    }


if __name__ == "__main__":
    measured = measure(Path(sys.argv[1]))
    save(measured)
    print(json.dumps({name: measured[name] for name in ("sets", "fitted_to_the_other_set")}, indent=1))
