"""Train the classifier of questions that may have to be divided, ``rag/query/division.npz``.

Run: ``python -m training.dividing rag/query/division.npz``. Prints, for each writer of ``divisions.jsonl``, how many of
the writer's questions are found by a classifier trained on the others, and writes one that is trained on all.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.config import Settings
from index.models.pair import OnnxPairModel
from rag.query.division import pooled

_FOLDER = Path(__file__).parent
_LESSONS = ("questions", "lesson2", "lesson3", "rewrites")  # nearly all of their questions ask for one thing
_OF_THOSE = 3700
_LESSON = "lessons"
_FOUND = 0.95  # share of the questions to be divided that the threshold lets through, by cross-validation
_RIDGE = 0.03
_SEED = 20261201


def labelled() -> tuple[list[str], NDArray[np.bool_], NDArray[np.str_]]:
    """Return the questions, whether each may have to be divided, and who wrote it."""
    lines = (_FOLDER / "divisions.jsonl").read_text(encoding="utf-8").splitlines()
    written = [json.loads(line) for line in lines]
    rows = [(one["question"], one["kind"] != "one", one["writer"]) for one in written]
    texts = [(_FOLDER / f"{name}.jsonl").read_text(encoding="utf-8") for name in _LESSONS]
    about = {question for text in texts for line in text.splitlines() for question in _questions(json.loads(line))}
    rows += [(question, False, _LESSON) for question in random.Random(_SEED).sample(sorted(about), _OF_THOSE)]
    questions, labels, writers = zip(*rows, strict=True)
    return list(questions), np.array(labels), np.array(writers)


def _questions(written: dict[str, Any]) -> list[str]:
    told = [one["q"] for kind in ("told", "untold") for one in written.get(kind, ())]
    return [*told, written["alone"]] if "alone" in written else told


def _fitted(states: NDArray[np.float32], labels: NDArray[np.bool_]) -> tuple[NDArray[np.float32], float]:
    """Return the weights and the bias of a logistic regression on the standardised states."""
    means, scales = states.mean(axis=0), states.std(axis=0) + 1e-6
    model = LogisticRegression(C=_RIDGE, max_iter=3000, class_weight="balanced").fit((states - means) / scales, labels)
    weights = (model.coef_[0] / scales).astype(np.float32)
    return weights, float(model.intercept_[0] - means @ weights)


def _left_out(writers: NDArray[np.str_]) -> list[NDArray[np.bool_]]:
    """Return the parts of the cross-validation: each writer, and fifths of the questions of lessons."""
    fifths = np.arange(len(writers)) % 5
    parts = [(writers == _LESSON) & (fifths == fifth) for fifth in range(5)]
    return [*parts, *(writers == writer for writer in sorted(set(writers) - {_LESSON}))]


def main() -> None:
    """Cross-validate, choose the threshold, fit on all and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    questions, labels, writers = labelled()
    model = OnnxPairModel(Settings().cache)
    states = np.array([pooled(model.states(question)) for question in questions])
    odds = np.zeros(len(questions))
    for left in _left_out(writers):
        weights, bias = _fitted(states[~left], labels[~left])
        odds[left] = states[left] @ weights + bias
    threshold = float(np.quantile(odds[labels], 1 - _FOUND))
    print(f"area under the curve {roc_auc_score(labels, odds):.3f}, threshold {threshold:.2f}")
    for writer in sorted(set(writers)):
        own = writers == writer
        found, taken = odds[own & labels] > threshold, odds[own & ~labels] > threshold
        print(f"{writer}: found {found.sum()} of {len(found)}, of others taken {taken.sum()} of {len(taken)}")
    weights, bias = _fitted(states, labels)
    np.savez(options.target, weights=weights, bias=np.float32(bias - threshold))


if __name__ == "__main__":
    main()
