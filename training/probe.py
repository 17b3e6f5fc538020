"""Fit the probes of ``rag/generation/probe.py``: does the text answer the question, and is a given answer that answer?

Run: ``python -m training.probe DATA FOLDER`` (option ``--most``); the states of the packaged language model are kept
in FOLDER, so that a run can be taken up again. The questions are those of DRCD and CMRC that may be trained on, each
beside its paragraph, the paragraph without the sentence that tells it, or a neighbouring one, or with a name or number
exchanged.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
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
from index.config import Settings
from rag.generation.drafting import messages
from rag.generation.probe import FILE
from rag.generation.self_check import checks
from rag.llm import Generator, load_generator

from . import edits
from .examples import Paragraph, paragraphs, statement
from .text import Typed, sentences, typed

SEED = 6
_KINDS = ("told", "told", "told", "deleted", "deleted", "deleted", "exchanged", "near")
_LENGTHS = (330, 450, 700)  # characters that are read at most
_REGULARISED = 1e-3  # C of the regressions, the best of four by cross-validation


@dataclass(frozen=True)
class Asked:
    """A question beside a text: whether that tells it, and a draft with whether it is the answer, if there is one."""

    question: str
    text: str
    told: bool
    draft: str
    right: bool
    group: str


def asked(folder: Path, rng: random.Random) -> Iterator[Asked]:
    """Questions in random order, each once."""
    every = list(paragraphs(folder))
    items = [(n, p, qa) for n, p in enumerate(every) for qa in p.questions if 150 < len(p.text) < 900]
    rng.shuffle(items)
    for place, own, (question, answer, _) in items:
        if made := _asked(every, place, own, question, answer, rng):
            yield made


def _asked(
    every: Sequence[Paragraph], place: int, own: Paragraph, question: str, answer: str, rng: random.Random
) -> Asked | None:
    kind = rng.choice(_KINDS)
    text, following = own.text, every[place + 1].text if place + 1 < len(every) else ""
    following = "" if answer in following else following
    if kind == "deleted":
        body = sentences(text)
        left = [sentence for sentence in body if answer not in sentence]
        if not 2 <= len(left) < len(body):
            return None
        text = "".join(left) + (following if rng.random() < 0.5 else "")
    elif kind == "near":
        near = [p.text for p in every[max(0, place - 4) : place + 5] if p is not own and answer not in p.text]
        if not near:
            return None
        text = rng.choice(near)
    elif kind == "exchanged":
        made = edits.exchanged(question, typed(text), rng)
        if not made or made[0] == question:
            return None
        question = made[0]
    elif rng.random() < 0.5:
        text = f"{text}\n{following}"
    draft, right = _draft(question, answer, typed(text), told=kind == "told", rng=rng)
    text = text[: rng.choice(_LENGTHS)]
    told = kind == "told" and answer in text
    return Asked(question, text, told, draft, right and told, own.text[:20])


def _draft(question: str, answer: str, others: Sequence[Typed], *, told: bool, rng: random.Random) -> tuple[str, bool]:
    """An answer to the question: the right one, another of its kind from the text, or none."""
    made = statement(question, answer) if len(answer) < 30 else None
    if not made:
        return "", False
    right, (start, end) = made
    if told and rng.random() < 0.55:
        return right, True
    kind = next((one.kind for one in typed(answer)), "")
    pool = [one.text for one in others if one.kind == kind and one.text not in answer and answer not in one.text]
    if pool:
        return right[:start] + rng.choice(pool) + right[end:], False
    return ("", False) if told else (right, False)


def collected(model: Generator, examples: Iterator[Asked], most: int, path: Path) -> dict[str, NDArray[np.float32]]:
    """States and labels by check; kept in ``path`` as they come."""
    known = dict(np.load(path)) if path.exists() else {}
    for number, one in enumerate(islice(examples, most)):
        for name, order, _ in checks():
            key = f"{name}.{number}"
            if key in known or (name == "fits" and not one.draft):
                continue
            states = model.states(messages(one.question, one.text, order.replace("{written}", one.draft)))
            if states is None:
                raise SystemExit("the probes are fitted on a model that gives its states: the packaged one, in ONNX")
            known[key] = states
        if number % 50 == 49:
            print(number + 1, flush=True)
            np.savez(path, **known)
    return known


def fitted(states: NDArray[np.float32], labels: NDArray[np.bool_], groups: Sequence[str]) -> dict[str, NDArray]:
    """Weights (layers, hidden) and bias; prints the area under the curve by cross-validation."""
    flat = states.reshape(len(states), -1)
    pipe = make_pipeline(StandardScaler(), LogisticRegression(C=_REGULARISED, max_iter=1000, class_weight="balanced"))
    scores = cross_val_predict(pipe, flat, labels, groups=groups, cv=GroupKFold(5), method="decision_function")
    print(f"{len(flat)} examples, area under the curve {roc_auc_score(labels, scores):.3f}")
    scaler, regression = (step for _, step in pipe.fit(flat, labels).steps)
    weights = regression.coef_[0] / scaler.scale_
    bias = regression.intercept_[0] - weights @ scaler.mean_
    return {"": weights.reshape(states.shape[1:]).astype(np.float16), ".bias": np.float32(bias)}


def main() -> None:
    """Collect states and fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=1000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    examples = list(islice(asked(options.data / "train", random.Random(SEED)), options.most))
    model = load_generator(Settings.load())
    known = collected(model, iter(examples), options.most, options.folder / "states.npz")
    made: dict[str, Any] = {"model": np.array(model.name)}
    for name, label in (("has", "told"), ("fits", "right")):
        own = [n for n in range(len(examples)) if f"{name}.{n}" in known]
        states = np.stack([known[f"{name}.{n}"] for n in own]).astype(np.float32)
        labels = np.array([getattr(examples[n], label) for n in own])
        parts = fitted(states, labels, [examples[n].group for n in own])
        made |= {f"{name}{part}": value for part, value in parts.items()}
    np.savez_compressed(Path(rag.generation.__file__).parent / FILE, **made)


if __name__ == "__main__":
    main()
