"""Fit the weights that decide which reports are on the same matter: ``threads.jsonl`` → ``rag/stories/matter.json``.

``python -m training.threads DATA`` builds an archive of ``DATA/eval/news_20k.jsonl.gz``; with ``--archive FOLDER`` it
keeps it there, or uses the one that is there. Cross-validation leaves out whole reports, with all their pairs.
"""

from __future__ import annotations

import argparse
import datetime
import json
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.data import read_jsonl
from benchmarks.standin import StandInEmbedder
from index.build import build
from index.config import PassageSettings, Settings
from index.models.embedder import Embedder, load_embedder
from index.reading.articles.reprints import overlap, shingles
from index.search.names import news_names
from index.storage.store import Filter, Store
from index.types import JsonObject
from rag import Archive
from rag.stories.likeness import Profile
from rag.stories.matter import Signals
from rag.stories.threads import DAYS, beginning, candidates, require_article

_PAIRS = Path(__file__).parent / "threads.jsonl"
_WEIGHTS = Path(__file__).parents[1] / "rag" / "stories" / "matter.json"
_ALWAYS = ("days", "main", "overlap", "words")
_SETS = (_ALWAYS, ("close", *_ALWAYS), (*_ALWAYS, "names"), ("close", *_ALWAYS, "names"))
_WRONG = 0.1  # most near misses taken for the same matter, as a share
_HEAVIEST = 8.0  # candidates that one pair may stand for in the shares of what readers are shown
_FOLDS, _ROUNDS = 5, 5


def signals(store: Store, embedder: Embedder, report: str, others: set[str]) -> dict[str, Signals]:
    """Return the signals of a report with each of the others; the passages are embedded here, not read."""
    article = require_article(store, report)
    day = datetime.date.fromisoformat(article.date or "")
    span = datetime.timedelta(days=DAYS)
    own = Profile.of(article, store.search.numbers_of([report])[0], store)
    where = Filter((day - span).isoformat(), (day + span).isoformat())
    found, text = {}, shingles(article.body)
    vector = embedder.encode([beginning(article, store.stamp.passage_length)])[0]
    for other in candidates(store, own, where):
        if other.article.id in others:
            passages = [passage.embedded for passage in store.passages(other.passages)]
            close = float((embedder.encode(passages) @ vector).max())
            apart = (datetime.date.fromisoformat(other.article.date or "") - day).days
            profile = Profile.of(other.article, other.number, store)
            found[other.article.id] = Signals.of(
                own, profile, overlap(text, shingles(other.article.body)), apart, close
            )
    return found


def table(store: Store, embedder: Embedder, pairs: list[JsonObject]) -> dict[str, NDArray[np.float64]]:
    """Return the signals of the pairs by name; 0 for the names of reports without names."""
    others: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        others[pair["report"]].add(pair["other"])
    held = {report: signals(store, embedder, report, ids) for report, ids in others.items()}
    rows = [held[pair["report"]][pair["other"]] for pair in pairs]
    return {name: np.array([getattr(row, name) or 0.0 for row in rows]) for name in _SETS[-1]}


def left_out(rows: NDArray[np.float64], same: NDArray[np.bool_], reports: list[str]) -> NDArray[np.float64]:
    """Return each pair's likelihood by regressions that saw no pair of its report, as a mean over rounds."""
    likely, names = np.zeros(len(same)), sorted(set(reports))
    for turn in range(_ROUNDS):
        order = np.random.default_rng(turn).permutation(len(names))
        fold = np.array([int(order[names.index(report)]) % _FOLDS for report in reports])
        for part in range(_FOLDS):
            model = make_pipeline(StandardScaler(), LogisticRegression())
            model.fit(rows[fold != part], same[fold != part])
            likely[fold == part] += model.predict_proba(rows[fold == part])[:, 1] / _ROUNDS
    return likely


def threshold(likely: NDArray[np.float64], same: NDArray[np.bool_]) -> float:
    """Return the least likelihood at which at most ``_WRONG`` of the near misses are taken for the same matter."""
    return float(np.round(np.quantile(likely[~same], 1 - _WRONG), 3))


def shares(shown: NDArray[np.bool_], same: NDArray[np.bool_], weights: NDArray[np.float64]) -> JsonObject:
    """Return what is found and what is wrong, of the labelled pairs and of the candidates that they stand for."""
    return {
        "found": round(float(shown[same].mean()), 3),
        "near misses taken": round(float(shown[~same].mean()), 3),
        "right of those shown": round(float(same[shown].mean()), 3),
        "found, weighed": round(float(weights[shown & same].sum() / weights[same].sum()), 3),
        "right of those shown, weighed": round(float(weights[shown & same].sum() / weights[shown].sum()), 3),
    }


def fit(rows: NDArray[np.float64], same: NDArray[np.bool_], names: tuple[str, ...], least: float) -> JsonObject:
    """Return a regression on all pairs, its weights for signals that are not standardised."""
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression().fit(scaler.transform(rows), same)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    held = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
    return {"signals": held, "bias": round(bias, 4), "least": least}


def fit_all(store: Store) -> JsonObject:
    """Fit a regression for each set of signals, print what it does on reports that it did not see, return them."""
    pairs, fitted = read_jsonl(_PAIRS), {}
    columns = table(store, load_embedder(Settings()), pairs)
    same = np.array([pair["same"] for pair in pairs])
    weights = np.minimum([pair["stands_for"] for pair in pairs], _HEAVIEST)
    for names in _SETS:
        rows = np.stack([columns[name] for name in names], axis=1)
        likely = left_out(rows, same, [pair["report"] for pair in pairs])
        least = threshold(likely, same)
        print(" ".join(names), least, json.dumps(shares(likely >= least, same, weights)))
        fitted[" ".join(sorted(names))] = fit(rows, same, names, least)
    return fitted


def main() -> None:
    """Fit and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--archive", type=Path)
    args = parser.parse_args()
    news, embedder = args.data / "eval" / "news_20k.jsonl.gz", StandInEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        archive = args.archive or Path(folder, "archive")
        if not archive.exists():
            Path(folder, "news.jsonl").write_text(
                "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in read_jsonl(news)), encoding="utf-8"
            )
            build([Path(folder, "news.jsonl")], archive, embedder, PassageSettings(), tagger=news_names)
        store = Archive.open(archive, Settings(embedder={"model": embedder.name})).store
        _WEIGHTS.write_text(json.dumps(fit_all(store), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
