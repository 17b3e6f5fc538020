"""Learn the weights of ``rag.retrieval.ranking`` from labelled questions: ``python -m benchmarks.ranking DATA``.

The three sets of development questions have equal weight. Minimises a list-wise logistic loss (ListNet's, Cao et al.,
ICML 2007, for one relevant entry against all others); five-fold cross-validation over the questions shows the value of
the weights on questions they were not learned from.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from rag import Archive
from rag.evaluation.metrics import measures, summarise
from rag.evaluation.runner import Question
from rag.retrieval.hybrid import candidates_of
from rag.retrieval.ranking import FEATURES, features, word_weights

from . import data

_RIDGE = 0.01
_SCALE = np.array([0.05, 1.0, 1.0, 1.0, 1.0, 1.0, 0.05])  # cosines differ by hundredths
_FOLDS = 5


@dataclass(frozen=True)
class Asked:
    """One question's candidates: their features, whether each is relevant, and their articles."""

    features: NDArray[np.float64]
    relevant: NDArray[np.bool_]
    articles: list[str]
    gold: int
    weight: float


def collect(archive: Archive, questions: Sequence[Question]) -> list[Asked]:
    """Collect the candidates of every question."""
    store, depth = archive.store, archive.settings.retrieval.candidates
    rows = []
    for question in questions:
        candidates = candidates_of(store, archive.embedder, question.text, depth)
        articles = [c.passage.article_id for c in candidates]
        relevant = np.array([article in question.article_ids for article in articles])
        measured = features(question.text, word_weights(store, question.text), candidates)
        rows.append(Asked(measured, relevant, articles, len(question.article_ids), 1 / len(questions)))
    return rows


def learn(rows: Sequence[Asked]) -> NDArray[np.float64]:
    """Learn the weights, shape (features,)."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = _RIDGE * float(weights @ weights), 2 * _RIDGE * weights
        for row in rows:
            scaled = row.features / _SCALE
            scores = scaled @ weights
            wrong = ~row.relevant
            for place in np.flatnonzero(row.relevant):
                chosen = np.r_[place, np.flatnonzero(wrong)]
                odds = np.exp(scores[chosen] - scores[chosen].max())
                odds /= odds.sum()
                share = row.weight / row.relevant.sum()
                total -= share * float(np.log(odds[0] + 1e-12))
                gradient = gradient + share * (odds @ scaled[chosen] - scaled[place])
        return total, gradient

    found = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B")
    weights: NDArray[np.float64] = found.x / _SCALE
    return weights


def score(row: Asked, weights: NDArray[np.float64]) -> list[float]:
    """One question's metrics under ``weights``; each article counts once."""
    order = np.argsort(-(row.features @ weights), kind="stable")
    best: dict[str, int] = {}
    for place in order:
        best.setdefault(row.articles[place], place)
    return measures([bool(row.relevant[place]) for place in best.values()], row.gold)


def main(folder: Path) -> None:
    """Print cross-validated scores of each set, then the weights learned from all."""
    sets = {"rgb-zh": data.rgb(folder), "news_qa": data.news_qa(folder, 2000), "cmrc": data.cmrc(folder)}
    rows = {}
    for name, (articles, questions) in sets.items():
        with data.archive_of(articles) as archive:
            rows[name] = collect(archive, questions)
    measured: dict[str, list[list[float]]] = {name: [] for name in rows}
    for fold in range(_FOLDS):
        weights = learn([row for own in rows.values() for i, row in enumerate(own) if i % _FOLDS != fold])
        for name, own in rows.items():
            measured[name] += [score(row, weights) for i, row in enumerate(own) if i % _FOLDS == fold]
    for name, table in measured.items():
        print(name, {metric: s.as_dict() for metric, s in summarise(table).items()})
    final = learn([row for own in rows.values() for row in own])
    print(dict(zip(FEATURES, final.round(3).tolist(), strict=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
