"""How well people, organisations and places are found in sentences of real news, labelled by hand.

``python -m benchmarks.names DATA`` writes ``results/names.json``. ``names_labels.jsonl`` refers to the sentences by
article and offset and does not contain their text. Set ``a`` was used while ``index/text/joining.py`` was written. Set
``b`` was first scored without having been looked at (``unseen``); after that, types of errors in it were fixed. Sets
``c``, ``d`` and ``e`` are sentences of other articles, labelled without any tagger's output. ``c`` is never looked at,
so that it can judge the fixes; ``d`` and ``e`` were read after they were first scored (``unseen``).

For what counts as a name, see docs/names.md. A name is correct if its span and its kind are.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from unittest import mock

from index.build import build
from index.config import PassageSettings
from index.models.taggers import JiebaTagger, LacTagger
from index.search.names import Tagger, news_names
from index.text import joining
from index.text.joining import NewsNames
from index.text.names import NameTagger, WordTagger
from index.types import JsonObject

from .__main__ import machine, save
from .data import read_jsonl
from .standin import StandInEmbedder

_KINDS = ("person", "organisation", "place")
_PARTS = {"a": "a", "b": "b", "all": "ab", "c": "c", "d": "d", "e": "e"}  # sets that are scored together
_LABELS = Path(__file__).parent / "names_labels.jsonl"
_BUILT = 2000  # articles, to measure the time that names take

# From the first runs on these sets, before any of their errors were fixed; they cannot be measured again.
_UNSEEN = {
    "b": {"person": 0.853, "organisation": 0.677, "place": 0.711},
    "d": {"person": 0.694, "organisation": 0.805, "place": 0.854},
    "e": {"person": 0.833, "organisation": 0.779, "place": 0.709},
}


def scores(tagger: NameTagger, labels: Sequence[JsonObject], texts: dict[str, str]) -> JsonObject:
    """F1 by kind, and the number of correct, wrong and missed names; articles are read whole, as in a build."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for label in labels:
        start, end = label["start"], label["end"]
        gold = {tuple(name) for name in label["names"]}
        inside = [n for n in tagger.names(texts[label["article"]]) if start <= n.start and n.end <= end]
        found = {(n.start - start, n.end - start, n.kind) for n in inside if n.kind in _KINDS}
        right.update(str(kind) for *_, kind in found & gold)
        wrong.update(str(kind) for *_, kind in found - gold)
        missed.update(str(kind) for *_, kind in gold - found)
    return {
        kind: {
            "f1": round(2 * right[kind] / max(1, 2 * right[kind] + wrong[kind] + missed[kind]), 3),
            "right": right[kind],
            "wrong": wrong[kind],
            "missed": missed[kind],
        }
        for kind in _KINDS
    }


class _Cut:
    """A tagger that caches the words of each text, for scoring the same texts again and again."""

    def __init__(self, tagger: WordTagger) -> None:
        self.words = cache(tagger.words)


def without_each_rule(labels: Sequence[JsonObject], texts: dict[str, str]) -> JsonObject:
    """Correct, wrong and missed names by set: with all of ``name_forms``, and without each of its patterns."""
    tagger = NewsNames(_Cut(LacTagger()))

    def counted() -> dict[str, list[int]]:
        found = {part: scores(tagger, [one for one in labels if one["set"] == part], texts).values() for part in "abde"}
        return {
            part: [sum(kind[key] for kind in kinds) for key in ("right", "wrong", "missed")]
            for part, kinds in found.items()
        }

    rules = [name for name, value in vars(joining).items() if isinstance(value, re.Pattern)]
    result = {"none": counted()}
    for rule in rules:
        with mock.patch.object(joining, rule, re.compile(r"(?!)")):
            result[rule] = counted()
    return result


def build_seconds(records: Sequence[JsonObject], tagger: Tagger | None) -> float:
    """Seconds to build an archive of the records; vectors come from a stand-in, so that names dominate the time."""
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        Path(folder, "news.jsonl").write_text(lines, encoding="utf-8")
        begun = time.perf_counter()
        build([Path(folder, "news.jsonl")], Path(folder, "a"), StandInEmbedder(), PassageSettings(), tagger=tagger)
        return round(time.perf_counter() - begun, 1)


def measure(data: Path) -> JsonObject:
    """Score the taggers side by side, and time a build with and without names."""
    records = read_jsonl(data / "eval" / "news_20k.jsonl.gz")
    labels = read_jsonl(_LABELS)
    wanted = {label["article"] for label in labels}
    texts = {record["id"]: record["text"] for record in records if record["id"] in wanted}
    taggers: dict[str, NameTagger] = {"baowen": news_names(), "lac": LacTagger(), "jieba": JiebaTagger()}
    return {
        "benchmark": "names",
        "machine": machine(),
        "sentences": {part: sum(label["set"] in sets for label in labels) for part, sets in _PARTS.items()},
        "scores": {
            name: {
                part: scores(tagger, [label for label in labels if label["set"] in sets], texts)
                for part, sets in _PARTS.items()
            }
            for name, tagger in taggers.items()
        },
        "unseen": _UNSEEN,
        "without": without_each_rule(labels, texts),
        "build_s": {
            "articles": _BUILT,
            "without": build_seconds(records[:_BUILT], None),
            "with": build_seconds(records[:_BUILT], news_names),
        },
    }


if __name__ == "__main__":
    result = measure(Path(sys.argv[1]))
    save(result)
    for name, parts in result["scores"].items():
        print(name, {part: {kind: held["f1"] for kind, held in kinds.items()} for part, kinds in parts.items()})
    print(result["build_s"])
