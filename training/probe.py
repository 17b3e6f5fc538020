"""Fit the probes of ``rag/generation/probe.py``: is a question told, is a draft its answer, is a claim supported?

Run: ``python -m training.probe DATA FOLDER``; the states of the packaged language model are kept in FOLDER, so that a
run can be taken up again. ``questions.jsonl`` was written by hand for this: of each of some articles of the news two
questions that it answers, with a right and a wrong answer; two about its matter that it does not answer, with what a
careless reader would say; and three pairs of claims in the same words, true and false. ``claims.jsonl`` has more such
pairs, in which the true and the false ones are as near to the newspaper's words as each other.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import rag.generation
from benchmarks.data import read_jsonl
from index.article import Article
from index.config import Settings
from rag.generation.context import context
from rag.generation.probe import FILE
from rag.generation.self_check import SelfCheck, agrees, fits, has
from rag.llm import Generator, load_generator
from rag.results import Passage

_READ = 900  # characters of an article
_REGULARISED = {"has": 1e-3, "fits": 1e-3, "agrees": 3e-3}  # C, the best of three by cross-validation
_KEPT_EVERY = 200


@dataclass(frozen=True)
class Example:
    """A self-check with the answer that it should get.

    ``article``: that it is about; examples of one article are never on both sides of a fold.
    """

    check: SelfCheck
    label: bool
    article: str


def examples(data: Path) -> Iterator[Example]:
    """Those of both files, one article's after another, so that the model reads it once.

    Args:
        data: has ``eval/news_20k.jsonl.gz``.
    """
    news = {record["id"]: record for record in read_jsonl(data / "eval" / "news_20k.jsonl.gz")}
    for written in (*_written("questions.jsonl"), *_written("claims.jsonl")):
        record = news[written["id"]]
        body = record["text"].strip()
        article = Article(written["id"], "", body, date=record.get("date") or None)
        read = context([Passage(body, 0.0, 0, len(body), article)], _READ)
        yield from (Example(check, label, article.id) for check, label in _checks(written, read))


def _written(name: str) -> list[dict[str, Any]]:
    return list(map(json.loads, resources.files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()))


def _checks(written: Mapping[str, Any], read: str) -> Iterator[tuple[SelfCheck, bool]]:
    for told in written.get("told", []):
        yield has(told["q"], read), True
        yield fits(told["q"], read, told["right"]), True
        yield fits(told["q"], read, told["wrong"]), False
    for untold in written.get("untold", []):
        yield has(untold["q"], read), False
        yield fits(untold["q"], read, untold["wrong"]), False
    for claim in written["claims"]:
        yield agrees(claim["true"], read), True
        yield agrees(claim["false"], read), False


def collected(model: Generator, asked: list[Example], path: Path) -> NDArray[np.float32]:
    """The states (examples, layers, hidden), kept in ``path`` as they come."""
    known: list[NDArray[np.float32]] = list(np.load(path)) if path.exists() else []
    for number, one in enumerate(asked[len(known) :], len(known) + 1):
        states = model.states(one.check.messages, one.check.words, one.check.onward)
        if states is None:
            raise SystemExit("the probes are fitted on a model that gives its states: the packaged one, in ONNX")
        known.append(states.copy())
        if number % _KEPT_EVERY == 0 or number == len(asked):
            print(number, flush=True)
            np.save(path, np.stack(known))
    return np.stack(known)


def fitted(
    states: NDArray[np.float32], labels: NDArray[np.bool_], groups: list[str], c: float
) -> dict[str, NDArray[Any]]:
    """Weights (layers, hidden) and bias; prints the area under the curve by cross-validation."""
    flat = states.reshape(len(states), -1)
    pipe = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1000, class_weight="balanced"))
    scores = cross_val_predict(pipe, flat, labels, groups=groups, cv=GroupKFold(5), method="decision_function")
    print(f"{len(flat)} examples, area under the curve {roc_auc_score(labels, scores):.3f}")
    scaler, regression = (step for _, step in pipe.fit(flat, labels).steps)
    weights = regression.coef_[0] / scaler.scale_
    bias = regression.intercept_[0] - weights @ scaler.mean_
    return {"": weights.reshape(states.shape[1:]).astype(np.float16), ".bias": np.array(bias, np.float32)}


def main() -> None:
    """Collect states and fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    asked = list(examples(options.data))
    model = load_generator(Settings.load())
    states = collected(model, asked, options.folder / "states.npy")
    made: dict[str, Any] = {"model": np.array(model.name)}
    for name in sorted({one.check.name for one in asked}):
        own = [number for number, one in enumerate(asked) if one.check.name == name]
        labels = np.array([asked[number].label for number in own])
        print(name, end=": ")
        parts = fitted(states[own], labels, [asked[number].article for number in own], _REGULARISED[name])
        made |= {f"{name}{part}": value for part, value in parts.items()}
    np.savez_compressed(Path(rag.generation.__file__).parent / FILE, **made)


if __name__ == "__main__":
    main()
