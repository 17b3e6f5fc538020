"""Counting questions: how many are read rightly, of questions that nobody looked at while the reader was made.

``make bench-counting``, or ``python -m benchmarks.counting DATA``, writes ``results/counting.json``. Each question of
``counting_questions.jsonl`` has its parts labelled by the person who wrote it; the query made of those parts is what
the reader's must equal. The questions of the development sets count nothing, and none of them may be taken.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.config import Settings
from index.models.pair import OnnxPairModel
from rag.search.counting_questions import Counted, counted_of, read_counting
from rag.search.counting_tagger import NOTHING, CountingTagger, QuestionPart, Tagged

from .__main__ import machine, save
from .data import cmrc, read_jsonl

_QUESTIONS = Path(__file__).parent / "counting_questions.jsonl"
_OTHERS = ("newsroom_dev.jsonl", "follow_dev.jsonl", "news_qa_dev.jsonl", "rgb_zh_dev.jsonl")


@dataclass(frozen=True)
class Example:
    """A question with its labels; ``writer``: who wrote it."""

    question: str
    tagged: Tagged
    writer: str


def read_examples(path: Path) -> list[Example]:
    """The questions of a file, a JSON object a line.

    ``wanted``: one of ``KINDS``; ``parts``: pairs of a label and the text as the question has it, in order; ``join``:
    ``or`` where one of the topics is enough; ``writer``.

    Raises:
        ValueError: the text of a part is not in the question.
    """
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        parts, at = [], 0
        for label, text in row["parts"]:
            start = row["question"].index(text, at)
            at = start + len(text)
            parts.append(QuestionPart(label, start, at))
        tagged = Tagged(row["wanted"], 1.0, row.get("join") == "or", tuple(parts))
        found.append(Example(row["question"], tagged, row.get("writer", "")))
    return found


def outcome(example: Example, counted: Counted | None, today: datetime.date) -> str:
    """``right``, ``misread`` or ``left`` of a counting question; ``others`` or ``taken`` of another one."""
    if example.tagged.kind == NOTHING:
        return "taken" if counted else "others"
    if counted is None:
        return "left"
    return "right" if counted == counted_of(example.question, example.tagged, today, today) else "misread"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    model, tagger, today = OnnxPairModel(Settings().cache), CountingTagger(), datetime.date.today()
    totals: dict[str, Counter[str]] = {}
    rows: list[dict[str, Any]] = []
    for example in read_examples(_QUESTIONS):
        counted = read_counting(example.question, model, tagger, today)
        found = outcome(example, counted, today)
        totals.setdefault(example.writer, Counter())[found] += 1
        rows.append({"question": example.question, "outcome": found, "read": vars(counted) if counted else None})
    rows_of = [row for name in _OTHERS for row in read_jsonl(options.data / "eval" / name)]
    others = [row.get("question") or row["query"] for row in rows_of]
    others += [question.text for question in cmrc(options.data)[1]]
    taken = [question for question in others if read_counting(question, model, tagger, today)]
    result = {
        "benchmark": "counting",
        "machine": machine(),
        **{writer: dict(of) for writer, of in totals.items()},
        "development": {"questions": len(others), "taken": taken},
        "rows": rows,
    }
    save(result)
    print(json.dumps({name: value for name, value in result.items() if name != "rows"}, ensure_ascii=False))


if __name__ == "__main__":
    main()
