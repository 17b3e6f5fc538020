"""Answers to RGB-zh: ``python -m benchmarks.answers DATA [--every N] [--modes …]`` writes ``results/answers.json``.

``end to end``: one archive of all passages, including retrieval. ``rejection``: only a question's negative passages.
``handed R``: five of its passages, a share R of them negative, by the benchmark's own recipe (Chen et al., AAAI 2024).
Modes that are not requested keep their previous results.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rag import Archive
from rag.evaluation.runner import holds
from rag.evaluation.scoring import length, unmarked

from . import data
from .__main__ import earlier, machine, save

NOISE = (0.0, 0.2, 0.4, 0.6, 0.8)
_HANDED = 5


def handed(record: dict[str, Any], noise: float) -> list[str]:
    """Five passages, a share of them negative; fewer if there are not enough of one kind."""
    positive = list(dict.fromkeys(data.flat(record["positive"])))
    negative = list(dict.fromkeys(data.flat(record["negative"])))
    wanted = math.ceil(_HANDED * noise)
    chosen = positive[: _HANDED - wanted] + negative[:wanted]
    random.Random(0).shuffle(chosen)
    return chosen


def sets_of(records: Sequence[dict[str, Any]], mode: str) -> list[dict[str, str]]:
    """The articles of a mode; those of one question form one newspaper, which is used as a filter."""
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
    """Yield a row for each question asked."""
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
            "kind": answer.kind,
            "reason": answer.reason,
            "right": not answer.refused and holds(unmarked(answer), data.rgb_answer(record)),
            "length": length(answer),
            "confidence": answer.confidence,
            "timings": asdict(answer.timings),
        }


def scores(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The scores of a mode's rows."""
    given = [row for row in rows if row["kind"] != "refused"]
    times = {name: [r["timings"][name] for r in rows if r["timings"][name] is not None] for name in rows[0]["timings"]}
    return {
        "questions": len(rows),
        "accuracy": sum(row["right"] for row in rows) / len(rows),
        "quoted": sum(row["kind"] == "quoted" for row in rows) / len(rows),
        "refused": 1 - len(given) / len(rows),
        "mean_length": statistics.fmean(row["length"] for row in given) if given else 0.0,
        **{f"{name}_p50": statistics.median(own) for name, own in times.items() if own},
    }


def main() -> None:
    """Ask the questions, write the raw answers, print the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=1, help="ask only every Nth question")
    modes = ["end to end", "rejection", *(f"handed {noise}" for noise in NOISE)]
    parser.add_argument("--modes", nargs="+", default=modes, choices=modes)
    options = parser.parse_args()
    records = data.rgb_questions(options.data)
    result: dict[str, Any] = earlier("answers") | {"benchmark": "answers", "machine": machine()}
    rows: list[dict[str, Any]] = result.get("rows", [])
    for mode in options.modes:
        with data.archive_of(sets_of(records, mode)) as archive:
            _ = archive.generator
            own = list(asked(archive, records, mode, options.every))
        rows = [row for row in rows if row["mode"] != mode] + own
        result[mode] = scores(own)
        print(mode, {name: round(value, 4) for name, value in result[mode].items()}, flush=True)
        result["rows"] = rows
        save(result)


if __name__ == "__main__":
    main()
