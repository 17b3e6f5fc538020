"""Fit the regressions and thresholds in ``rag/verification/fitted.json``, with cross-validation on several sets.

Run: ``python -m training.fit FOLDER``, on the output of ``training/collect.py``.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from index.config import Settings
from rag.evaluation.calibration import WORTH

from .rows import Row

FITTED = Path(__file__).parent.parent / "rag" / "verification" / "fitted.json"


def fitted(rows: Sequence[Row], names: Sequence[str], label: str) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Return a regression fitted on all sets with equal weights, and its cross-validated probabilities.

    The folds leave out whole groups (the statements of one article).
    """
    x = np.array([[row["signals"].get(name, np.nan) for name in names] for row in rows])
    x = np.where(np.isnan(x), np.nanmean(x, axis=0), x)
    y = np.array([bool(row[label]) for row in rows])
    counts = {name: sum(row["set"] == name for row in rows) for name in {row["set"] for row in rows}}
    weights = np.array([len(rows) / len(counts) / counts[row["set"]] for row in rows])
    centre, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = (x - centre) / scale
    groups = np.array([zlib.crc32((row.get("group") or row["question"]).encode()) for row in rows])
    chance = np.zeros(len(rows))
    for train, test in GroupKFold(8).split(z, y, groups):
        own = LogisticRegression(C=0.5).fit(z[train], y[train], sample_weight=weights[train])
        chance[test] = own.predict_proba(z[test])[:, 1]
    model = LogisticRegression(C=0.5).fit(z, y, sample_weight=weights)
    coefficients = model.coef_[0] / scale
    bias = float(model.intercept_[0] - (coefficients * centre).sum())
    rounded = {name: round(float(value), 4) for name, value in zip(names, coefficients, strict=True)}
    means = {name: round(float(mean), 4) for name, mean in zip(names, centre, strict=True) if name in LEFT_OUT}
    return {"bias": round(bias, 4), "weights": rounded} | ({"means": means} if means else {}), chance


def fit_rerank(rows: Sequence[Row]) -> float:
    """Return the weight of the model's score with the best mean reciprocal rank, averaged over the sets."""
    names = sorted({row["set"] for row in rows})
    best = (0.0, 0.0)
    for weight in np.linspace(0, 3, 31):
        by = {name: [_reciprocal(row, weight) for row in rows if row["set"] == name] for name in names}
        means = {name: float(np.mean(own)) for name, own in by.items()}
        if weight * 10 % 2 < 0.01:
            print(f"rerank {weight:.1f}", {name: round(mean, 4) for name, mean in means.items()})
        mean = float(np.mean(list(means.values())))
        best = (mean, float(weight)) if mean > best[0] + 1e-9 else best
    return best[1]


def _reciprocal(row: Row, weight: float) -> float:
    total = np.array(row["scores"]) + weight * np.array(row["answers"])
    order = np.argsort(-total, kind="stable")
    return next((1.0 / (place + 1) for place, n in enumerate(order) if row["hits"][n]), 0.0)


# The threshold of support: on readers' claims, the rates of false accepts and false rejects are equal (0.16, 0.15).
VERDICT_FROM = 0.2
VERDICT = ("flag", "agrees")
RELEVANT = ("answers", "coverage")
_CHECKS = ("has", "fits")
LEFT_OUT = (*_CHECKS, "agrees")  # signals that some backends do not give
RIGHT = _CHECKS
TOLD = (*_CHECKS, "quoted")


def fit_verdict(rows: list[Row]) -> dict[str, Any]:
    """Fit the regression of a verdict and print its cross-validated errors on each set at ``VERDICT_FROM``."""
    made, chance = fitted(rows, VERDICT, "label")
    chance = np.where([row["printed"] for row in rows], chance, 0.0)
    labels = np.array([row["label"] for row in rows], bool)
    names = np.array([row["set"] for row in rows])
    threshold = VERDICT_FROM
    for name in sorted(set(names)):
        own = names == name
        accepted = chance[own & ~labels] >= threshold
        rejected = chance[own & labels] < threshold
        print(
            f"verdict {name}: false accepts {accepted.mean():.3f}, false rejects {rejected.mean():.3f}, n {own.sum()}"
        )
    return made | {"threshold": round(threshold, 3)}


def fit_answers(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Fit the regressions of an answer, and the thresholds with the highest value over all sets."""
    asked = [row for row in rows if row["signals"]]
    right, p_right = fitted(asked, RIGHT, "right")
    for row in asked:
        row["tells"] = row["quote_right"] or (row["told"] and row["right"])
    told, p_told = fitted(asked, TOLD, "tells")
    best = (-9.0, 0.5, 0.5)
    for t_right in np.linspace(0.05, 0.9, 35):
        for t_told in np.linspace(0.05, 0.9, 35):
            value = worth(asked, p_right >= t_right, p_told >= t_told)
            best = max(best, (value, float(t_right), float(t_told)))
    _, t_right, t_told = best
    for name in sorted({row["set"] for row in asked}):
        own = [n for n, row in enumerate(asked) if row["set"] == name]
        counts = outcomes([asked[n] for n in own], p_right[own] >= t_right, p_told[own] >= t_told)
        print(f"answers {name}: {counts} of {len(own)}")
    return {
        "right": right | {"threshold": round(t_right, 3)},
        "stated": told | {"threshold": round(t_told, 3)},
    }


def outcomes(rows: Sequence[Row], answered: NDArray[np.bool_], told: NDArray[np.bool_]) -> dict[str, int]:
    """Return the number of each outcome that the decisions give."""
    counts = dict.fromkeys(WORTH, 0)
    for row, answers, quotes in zip(rows, answered, told, strict=True):
        given = bool(answers) and row["signals"]["verdict"] >= VERDICT_FROM
        if not row["told"]:
            counts["invented" if given or quotes else "refused"] += 1
        elif given:
            counts["right" if row["right"] else "wrong"] += 1
        elif quotes:
            counts["quoted" if row["quote_right"] else "wrong"] += 1
        else:
            counts["withheld"] += 1
    return counts


def worth(rows: Sequence[Row], answered: NDArray[np.bool_], told: NDArray[np.bool_]) -> float:
    """Return the mean value of the outcomes, averaged over the sets; a set and its rejections are one."""
    names = {row["set"].partition("-")[0] for row in rows}
    total = 0.0
    for name in names:
        own = [n for n, row in enumerate(rows) if row["set"].partition("-")[0] == name]
        counts = outcomes([rows[n] for n in own], answered[own], told[own])
        total += sum(WORTH[kind] * count for kind, count in counts.items()) / len(own)
    return total / len(names)


def write(folder: Path) -> None:
    """Fit everything that has rows, and write ``fitted.json``."""
    made: dict[str, Any] = json.loads(FITTED.read_text(encoding="utf-8"))
    if (folder / "claims.json").exists():
        made["verdict"] = fit_verdict(json.loads((folder / "claims.json").read_text(encoding="utf-8")))
    if (folder / "rerank.json").exists():
        made["rerank"] = {"value": fit_rerank(json.loads((folder / "rerank.json").read_text(encoding="utf-8")))}
    if (folder / "relevance.json").exists():
        own = json.loads((folder / "relevance.json").read_text(encoding="utf-8"))
        relevant, chance = fitted(own, RELEVANT, "told")
        told = chance[[row["told"] for row in own]]
        made["relevant"] = relevant | {"threshold": round(float(told.min() / 2), 3)}
    rows = [
        row for path in sorted(folder.glob("answers-*.json")) for row in json.loads(path.read_text(encoding="utf-8"))
    ]
    if rows:
        made |= fit_answers(rows)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    made["fitted"] = {
        "date": datetime.date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "generator": Settings.load().generator.model,
        "data": sorted({*made["fitted"]["data"], *(p.stem for p in folder.glob("*.json"))}),
    }
    FITTED.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Fit everything that has rows in the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
