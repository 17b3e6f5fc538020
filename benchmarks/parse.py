"""How well pages are read: ``python -m benchmarks.parse PAGES_FOLDER`` prints scores against its ``gold.jsonl``."""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from index.article import Article
from index.reading import read_issue

_SPACE = re.compile(r"\s+")
_FOUND = 0.9


def bare(text: str) -> str:
    """Text without white space."""
    return _SPACE.sub("", text)


def overlap(a: str, b: str) -> float:
    """Intersection over union of characters, as multisets."""
    x, y = Counter(a), Counter(b)
    union = (x | y).total()
    return (x & y).total() / union if union else 1.0


def score(folder: Path, show: bool = False) -> dict[str, float]:
    """The scores over all issues in ``folder``."""
    gold_issues = [json.loads(line) for line in (folder / "gold.jsonl").open(encoding="utf-8")]
    tally: Counter[str] = Counter()
    seconds, size = 0.0, 0
    for gold in gold_issues:
        files = [(folder / name, name) for name in gold["files"]]
        size += sum(path.stat().st_size for path, _ in files)
        start = time.perf_counter()
        issue = read_issue(files)
        seconds += time.perf_counter() - start
        _score_issue(gold, issue.articles, tally, show)
    recall, precision = tally["found"] / tally["gold"], tally["found"] / tally["parsed"]
    of_found = {name: tally[name] / tally["dated" if name == "date" else "found"] for name in _PARTS}
    return {
        "articles_f1": 2 * recall * precision / (recall + precision),
        **of_found,
        "paragraphs": tally["paragraphs"] / tally["gold_paragraphs"],
        "jumps": tally["jumps"] / max(1, tally["gold_jumps"]),
        "megabytes_a_second": size / 1e6 / seconds,
    }


_PARTS = ("title", "kicker", "subtitle", "reporters", "correspondents", "photographers", "date")


def _score_issue(gold: dict[str, Any], parsed: list[Article], tally: Counter[str], show: bool) -> None:
    tally["gold"] += len(gold["articles"])
    tally["parsed"] += len(parsed)
    left = list(parsed)
    dated = any(article.date for article in parsed)
    for article in gold["articles"]:
        body = bare("".join(article["body"]))
        best = max(left, key=lambda a: overlap(bare(a.body), body), default=None)
        tally["gold_jumps"] += len(article["pages"]) > 1
        if best is None or overlap(bare(best.body), body) < _FOUND:
            if show:
                print(gold["issue"], "NOT FOUND", article["title"], "| best:", best and best.title)
            continue
        left.remove(best)
        tally["dated"] += dated
        tally["found"] += 1
        tally["jumps"] += len(article["pages"]) > 1 and list(best.pages) == article["pages"]
        paragraphs = {bare(p) for p in best.paragraphs}
        tally["gold_paragraphs"] += len(article["body"])
        for paragraph in article["body"]:
            whole = bare(paragraph) in paragraphs
            tally["paragraphs"] += whole
            if show and not whole:
                print(gold["issue"], best.source, "PARAGRAPH", paragraph[:30], "…", paragraph[-20:])
        for name in _PARTS:
            if name == "date" and not dated:
                continue
            same = _same(getattr(best, name), article[name])
            tally[name] += same
            if show and not same:
                print(gold["issue"], best.source, name, "| ours:", getattr(best, name), "| gold:", article[name])
    if show:
        for article in left:
            print(gold["issue"], "EXTRA", article.source, article.title, article.body[:40])


def _same(ours: object, gold: object) -> bool:
    if isinstance(gold, list):
        return isinstance(ours, tuple) and set(ours) == set(gold)
    return bare(str(ours or "")) == bare(str(gold or ""))


if __name__ == "__main__":
    for name, value in score(Path(sys.argv[1]), show="--show" in sys.argv).items():
        print(f"{name:20} {value:.4f}")
