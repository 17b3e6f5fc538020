"""Questions across dates and names: ``python -m benchmarks.comparisons DATA [--sets dev test] [--limit N]``.

Asks an archive of their articles and 2,000 others the questions of ``comparisons.jsonl``. Every answer is stored in
``results/comparisons.json`` next to the expected content of each part, for reading by eye, because no string comparison
can decide whether a part is right.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from index.config import Settings
from rag import Archive

from .__main__ import machine, save
from .newsroom import archive_of_set, read_set

QUESTIONS = Path(__file__).with_name("comparisons.jsonl")


def ask(archive: Archive, questions: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each question."""
    for question in tqdm(questions, desc="回答", disable=None):
        started = time.perf_counter()
        answer = archive.ask(question["question"])
        yield {
            "id": question["id"],
            "set": question["set"],
            "question": question["question"],
            "kind": answer.kind,
            "answer": answer.text,
            "expected": question["parts"],
            "cited": [
                {"number": c.number, "article": c.passage.article.id, "date": c.passage.article.date, "quote": c.quote}
                for c in answer.citations
            ],
            "gold": question["article_ids"],
            "seconds": round(time.perf_counter() - started, 2),
        }


def main() -> None:
    """Ask the questions and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["dev", "test"])
    parser.add_argument("--ids", nargs="+", help="only these questions")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--cache", type=Path, default=Path("data/bench/comparisons"), help="folder of the archive")
    options = parser.parse_args()
    questions = read_set(QUESTIONS)
    archive = archive_of_set(options.data, questions, options.cache, Settings.load())
    asked = [q for q in questions if q["set"] in options.sets and (not options.ids or q["id"] in options.ids)]
    rows = []
    for row in ask(archive, asked[: options.limit]):
        rows.append(row)
        print(json.dumps(row, ensure_ascii=False), flush=True)
    seconds = statistics.median(row["seconds"] for row in rows)
    save({"benchmark": "comparisons", "machine": machine(), "seconds_p50": seconds, "answers": rows})


if __name__ == "__main__":
    main()
