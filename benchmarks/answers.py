"""Answers to RGB-zh: ``python -m benchmarks.answers DATA [--every N] [--modes …]`` writes ``results/answers.json``.

``--look-twice``: every answer is judged by its quotations alone too, a second an answer, from which the weights of the
second look are learned.

``end to end``: one archive of all passages, retrieval included. ``rejection``: a question's negatives only.
``handed R``: five of its passages with a share R of negatives, by the benchmark's own recipe (Chen et al., AAAI 2024).
The refusal by answerability is turned off and its signals are kept, so that the whole curve of wrong refusals against
right ones comes from one run; the scores printed are those at the configured threshold. Modes that are not asked keep
what they gave before.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from tqdm import tqdm

from index.config import Settings
from rag import Archive
from rag.answerability import Answerability
from rag.evaluation import holds
from rag.scoring import citation_score, length, told

from . import data
from .__main__ import earlier, machine, save

NOISE = (0.0, 0.2, 0.4, 0.6, 0.8)
_HANDED = 5
_SIGNALS = [field.name for field in fields(Answerability)]
_CURVE = (0.0, 0.01, 0.02, 0.03, 0.05, 0.1)


def handed(record: dict[str, Any], noise: float) -> list[str]:
    """Five passages, a share of them negative; as many of the other kind where one runs short."""
    positive = list(dict.fromkeys(data.flat(record["positive"])))
    negative = list(dict.fromkeys(data.flat(record["negative"])))
    wanted = math.ceil(_HANDED * noise)
    chosen = positive[: _HANDED - wanted] + negative[:wanted]
    random.Random(0).shuffle(chosen)
    return chosen


def sets_of(records: Sequence[dict[str, Any]], mode: str) -> list[dict[str, str]]:
    """The articles of a mode; those of one question are one newspaper, by which it is narrowed."""
    if mode == "end to end":
        return data.rgb_articles(records)
    articles = []
    for number, record in enumerate(records):
        texts = list(data.flat(record["negative"])) if mode == "rejection" else handed(record, float(mode.split()[1]))
        articles += [
            {"id": f"{number}-{place}", "paper": f"q{number}", "text": text}
            for place, text in enumerate(dict.fromkeys(texts))
        ]
    return articles


def asked(archive: Archive, records: Sequence[dict[str, Any]], mode: str, every: int) -> Iterator[dict[str, Any]]:
    """A row for each question asked."""
    for number, record in enumerate(tqdm(records, desc=mode, disable=None)):
        if number % every:
            continue
        narrowed: dict[str, Any] = {} if mode == "end to end" else {"paper": f"q{number}"}
        answer = archive.ask(record["query"], read_dates=False, **narrowed)
        yield {
            "mode": mode,
            "question": record["query"],
            "expected": record["answer"],
            "answer": answer.text,
            "refused": answer.refused,
            "reason": answer.reason,
            "right": holds(told(answer), data.rgb_answer(record)),
            "length": length(answer),
            "citations": asdict(citation_score(answer)),
            "quotes": [citation.quote for citation in answer.citations],
            "signals": asdict(answer.answerability) if answer.answerability else None,
            "timings": asdict(answer.timings),
        }


def refused(row: dict[str, Any], threshold: float) -> bool:
    """Whether an answer would be refused at a threshold of answerability."""
    doubted = row["signals"] is not None and Answerability(**row["signals"]).probability < threshold
    return bool(row["refused"] or doubted)


def scores(rows: Sequence[dict[str, Any]], threshold: float) -> dict[str, float]:
    """The scores of a mode's rows at a threshold."""
    given = [row for row in rows if not refused(row, threshold)]
    total = {name: sum(row["citations"][name] for row in given) for name in ("supported", "sentences", "needed")}
    citations = sum(row["citations"]["citations"] for row in given)
    return {
        "questions": len(rows),
        "accuracy": sum(row["right"] for row in given) / len(rows),
        "refused": 1 - len(given) / len(rows),
        "right_but_refused": sum(row["right"] for row in rows if refused(row, threshold)) / len(rows),
        "citation_recall": total["supported"] / max(1, total["sentences"]),
        "citation_precision": total["needed"] / max(1, citations),
        "mean_length": float(np.mean([row["length"] for row in given])) if given else 0.0,
        **{
            f"{name}_p50": float(np.median([r["timings"][name] for r in rows if r["timings"][name] is not None]))
            for name in ("retrieve_ms", "first_token_ms", "total_ms")
        },
    }


def fitted(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The weights for ``rag.answerability``, and the curve they give on questions they were not learned from.

    Those of the second look where every answer had one, else those of the first.
    """
    known = [row for row in rows if row["signals"] is not None and row["mode"] in ("end to end", "rejection")]
    used = _SIGNALS if all(row["signals"].get("quoted") is not None for row in known) else _SIGNALS[:-1]
    x = np.array([[row["signals"][name] for name in used] for row in known])
    y = np.array([row["mode"] == "end to end" for row in known])
    groups = [row["question"] for row in known]
    scale = x.std(axis=0)  # a cosine differs by hundredths, log-odds by ones
    model = LogisticRegression(C=1.0)
    chance = cross_val_predict(model, x / scale, y, cv=GroupKFold(10), groups=groups, method="predict_proba")[:, 1]
    model.fit(x / scale, y)
    inside = [row for row in rows if row["mode"] == "end to end"]
    outside = [row for row in rows if row["mode"] == "rejection"]
    already = [np.mean([row["refused"] for row in some]) for some in (inside, outside)]
    curve = []
    for wrong in _CURVE:
        threshold = float(np.quantile(chance[y], wrong, method="lower"))
        doubted = [np.sum(chance[y == kind] < threshold) for kind in (True, False)]
        curve.append(
            {
                "threshold": round(threshold, 3),
                "wrongly_refused": float(already[0] + doubted[0] / len(inside)),
                "rightly_refused": float(already[1] + doubted[1] / len(outside)),
            }
        )
    return {
        "signals": used,
        "intercept": float(model.intercept_[0]),
        "weights": (model.coef_[0] / scale).round(3).tolist(),
        "curve": curve,
    }


def main() -> None:
    """Ask, write the raw answers, print scores and curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=1, help="ask every Nth question only")
    modes = ["end to end", "rejection", *(f"handed {noise}" for noise in NOISE)]
    parser.add_argument("--modes", nargs="+", default=modes, choices=modes)
    parser.add_argument("--look-twice", action="store_true", help="judge every answer by its quotations alone too")
    options = parser.parse_args()
    settings = Settings.load()
    threshold = settings.answerable
    changed: dict[str, Any] = {"answerable": 0.0} | ({"unsure": (0.0, 1.0)} if options.look_twice else {})
    open_handed = settings.model_copy(update={"answers": settings.answers.model_copy(update=changed)})
    records = data.rgb_questions(options.data)
    before = earlier("answers")
    result: dict[str, Any] = before | {"benchmark": "answers", "machine": machine()}
    rows: list[dict[str, Any]] = before.get("rows", [])
    for mode in options.modes:
        with data.archive_of(sets_of(records, mode), open_handed) as archive:
            _ = archive.generator
            own = list(asked(archive, records, mode, options.every))
        rows = [row for row in rows if row["mode"] != mode] + own
        result[mode] = scores(own, threshold)
        print(mode, {name: round(value, 4) for name, value in result[mode].items()}, flush=True)
        if {"end to end", "rejection"} <= {row["mode"] for row in rows}:
            result["refusal"] = fitted(rows)
        result["rows"] = rows
        save(result)
    print(json.dumps(result.get("refusal"), ensure_ascii=False))


if __name__ == "__main__":
    main()
