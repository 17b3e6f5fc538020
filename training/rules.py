"""Measures the benefit of each rule and threshold for answers: outcomes on several sets, with each one left out.

Run: ``make bench-rules``. The language model's replies are stored in FOLDER, so that only prompts changed by a rule
are read again. A rule that helps on no set, or on only one, should be deleted.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

from index.config import Settings

from .rows import answered

SETS = ("newsroom", "follow", "cmrc", "news_qa", "rgb", "rgb-rejection")
# The replacement for each rule.
LEFT_OUT: Mapping[str, tuple[str, object]] = {
    "scope": ("rag.answering._scope_mismatches", lambda question, chosen: []),
    "how to answer, by answer type": ("rag.generation.drafting.answer_type", lambda question: "other"),
    "a second article where several things are asked": ("rag.answering.asks_for_several", lambda question: False),
    "a second sentence in a quotation": ("rag.answering.together", lambda quotes: list(quotes[:1])),
    "figures, days, titles must be printed": ("rag.verification.checker.Judgement.printed", True),
    "what is said twice": ("rag.generation.drafting._RUNS_ON", re.compile("(?!)()")),
    "nothing relevant": ("rag.answering.relevance", lambda store, question, read: {"answers": 9.0, "coverage": 1.0}),
    "the verdict of a draft": ("rag.generation.judging.JudgedDraft.supported", True),
    "dates and pages in the question": ("rag.archive.narrowed", lambda question, where, *_: (where, None)),
    "quotations: words of the draft": ("rag.generation.quoting._DRAFT", 0.0),
    "quotations: figures and names of the draft": ("rag.generation.quoting._CLAIMS", 0.0),
    "quotations: words of the question": ("rag.generation.quoting._QUESTION", 0.0),
    "quotations: the likeliest answer": ("rag.generation.quoting._SPAN", 0.0),
    "quotations: what the trained model reads": ("rag.generation.quoting._ANSWERS", 0.0),
}


def outcomes(data: Path, folder: Path, name: str, most: int | None) -> Counter[str]:
    """Return the number of questions of a set with each outcome, named as in ``newsroom_eval.py``."""
    counts: Counter[str] = Counter()
    for question, answer, is_right in answered(data, folder, name, most, Settings.load()):
        if question["refuse"]:
            counts["refused" if answer.refused else "invented"] += 1
        elif answer.refused:
            counts["withheld"] += 1
        elif answer.kind == "quoted":
            counts["quoted" if is_right(question, answer.text, wrong=False) else "wrong"] += 1
        else:
            counts["right" if is_right(question, answer.text) else "wrong"] += 1
    return counts


def main() -> None:
    """Ask with all rules, then with each one left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--most", type=int, default=60, help="questions of a set")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, Counter[str]]] = {}
    for rule in ("nothing", *LEFT_OUT):
        found[rule] = {}
        for name in options.sets:
            if rule == "nothing":
                found[rule][name] = outcomes(options.data, options.folder, name, options.most)
            else:
                with patch(*LEFT_OUT[rule]):
                    found[rule][name] = outcomes(options.data, options.folder, name, options.most)
        print(f"without {rule}:", {name: dict(counts) for name, counts in found[rule].items()}, flush=True)
        (options.folder / "rules.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
