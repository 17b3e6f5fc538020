"""Questions that readers ask in their own words: ``python -m benchmarks.newsroom DATA [--sets …] [--limit N]``.

Asks archives of their articles and 2,000 others the questions of newsroom_dev and follow_dev, scores the answers like
the data's ``newsroom_eval.py``, judges the claims with ``Archive.check``, and writes every answer to
``results/newsroom.json`` for reading.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from index.build import build
from index.config import Settings
from index.models.embedder import LazyEmbedder
from rag import Archive
from rag.results import Answer

from . import data as sets
from .__main__ import machine, save

OTHERS = 2000
_FOLDED = str.maketrans("０１２３４５６７８９％．", "0123456789%.", " ,，《》“”")


def read_set(path: Path) -> list[dict[str, Any]]:
    """The questions of a newsroom set."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def right(question: dict[str, Any], text: str, *, wrong: bool = True) -> bool:
    """Whether ``text`` contains every part of the answer in one of its spellings, and no tempting wrong string."""
    plain = text.lower().translate(_FOLDED)

    def held(words: str) -> bool:
        return words.lower().translate(_FOLDED) in plain

    return all(any(map(held, part)) for part in question["answers"]) and not (
        wrong and any(map(held, question.get("wrong", [])))
    )


def outcome(question: dict[str, Any], answer: Answer) -> str:
    """right, quoted, wrong or withheld; if no article contains the answer, refused or invented."""
    if question["refuse"]:
        return "refused" if answer.refused else "invented"
    if answer.refused:
        return "withheld"
    if answer.kind == "quoted":
        short = sum(len(citation.quote) for citation in answer.citations) <= 120
        return "quoted" if short and right(question, answer.text, wrong=False) else "wrong"
    return "right" if right(question, answer.text) else "wrong"


def archive_of_set(data: Path, questions: Sequence[dict[str, Any]], folder: Path, settings: Settings) -> Archive:
    """An archive of the set's articles and ``OTHERS`` more from the pool, built once in ``folder``."""
    archive = folder / "archive"
    if not archive.exists():
        gold = {i for question in questions for i in question["article_ids"]}
        rows = sets.read_jsonl(data / "eval" / "news_20k.jsonl.gz")
        rest = [row for row in rows if row["id"] not in gold]
        generator = random.Random(5)
        kept = [row for row in rows if row["id"] in gold] + generator.sample(rest, min(len(rest), OTHERS))
        generator.shuffle(kept)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "news.jsonl").open("w", encoding="utf-8") as out:
            for row in kept:
                own = {"id": row["id"], "title": "", "date": row.get("date", ""), "text": row["text"]}
                out.write(json.dumps(own, ensure_ascii=False) + "\n")
        build([folder / "news.jsonl"], archive, LazyEmbedder(settings), settings.passages)
    return Archive.open(archive, settings)


def ask(archive: Archive, questions: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each question."""
    for question in tqdm(questions, desc="回答", disable=None):
        started = time.perf_counter()
        answer = archive.ask(question["question"], [tuple(turn) for turn in question.get("history") or []])
        yield {
            "id": question["id"],
            "type": question["type"],
            "question": question["question"],
            "understood": answer.question,
            "outcome": outcome(question, answer),
            "answer": answer.text,
            "draft": answer.draft.text if answer.draft else "",
            "expected": question["answers"],
            "cited": [citation.passage.article.id for citation in answer.citations],
            "gold": question["article_ids"],
            "confidence": answer.confidence,
            "seconds": round(time.perf_counter() - started, 2),
            "timings": vars(answer.timings),
        }


def judge(archive: Archive, questions: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each claim."""
    for question in tqdm(questions, desc="核对", disable=None):
        claims = [(question["true_claim"], True, "true")] * bool(question["true_claim"])
        claims += [(claim["text"], False, claim["kind"]) for claim in question["false_claims"]]
        for text, true, kind in claims:
            verdicts = archive.check(text, question["article_ids"])
            accepted = all(verdict.supported for verdict in verdicts)
            least = min(verdict.probability for verdict in verdicts)
            yield {"text": text, "true": true, "kind": kind, "accepted": accepted, "probability": round(least, 4)}


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The shares of the outcomes, overall and by type, and the median time in seconds."""
    counts = Counter(row["outcome"] for row in rows)
    told = sum(counts[name] for name in ("right", "quoted", "wrong", "withheld")) or 1
    untold = counts["refused"] + counts["invented"] or 1
    first = [row["timings"]["first_token_ms"] for row in rows if row["timings"]["first_token_ms"] is not None]
    kinds = {kind: Counter(row["outcome"] for row in rows if row["type"] == kind) for kind in {r["type"] for r in rows}}
    return {
        **{name: round(counts[name] / told, 4) for name in ("right", "quoted", "wrong", "withheld")},
        "rightly_refused": round(counts["refused"] / untold, 4),
        "seconds_p50": statistics.median(row["seconds"] for row in rows),
        "first_token_ms_p50": statistics.median(first) if first else None,
        "by_type": {kind: dict(own) for kind, own in sorted(kinds.items())},
    }


def claim_summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """False claims accepted and true claims rejected, by kind, and the curve over thresholds."""
    false = [row for row in rows if not row["true"]]
    true = [row for row in rows if row["true"]]
    kinds = sorted({row["kind"] for row in rows})
    return {
        "false_accepts": round(sum(row["accepted"] for row in false) / max(1, len(false)), 4),
        "false_rejects": round(sum(not row["accepted"] for row in true) / max(1, len(true)), 4),
        "accepted_by_kind": {
            kind: f"{sum(r['accepted'] for r in rows if r['kind'] == kind)}/{sum(r['kind'] == kind for r in rows)}"
            for kind in kinds
        },
        "curve": [
            {
                "threshold": level / 20,
                "false_accepts": round(sum(r["probability"] >= level / 20 for r in false) / max(1, len(false)), 4),
                "false_rejects": round(sum(r["probability"] < level / 20 for r in true) / max(1, len(true)), 4),
            }
            for level in range(1, 20)
        ],
    }


def main() -> None:
    """Ask, judge, write the rows, and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["newsroom_dev", "follow_dev"])
    parser.add_argument("--limit", type=int)
    parser.add_argument("--cache", type=Path, default=Path("data/bench"), help="folder of the archives")
    parser.add_argument("--no-ask", action="store_true")
    options = parser.parse_args()
    settings = Settings.load()
    result: dict[str, Any] = {"benchmark": "newsroom", "machine": machine()}
    for name in options.sets:
        questions = read_set(options.data / "eval" / f"{name}.jsonl")
        archive = archive_of_set(options.data, questions, options.cache / name, settings)
        own: dict[str, Any] = {}
        if not options.no_ask:
            _ = archive.generator
            own["answers"] = list(ask(archive, questions[: options.limit]))
            own["summary"] = summary(own["answers"])
        own["claims"] = list(judge(archive, questions[: options.limit]))
        own["claims_summary"] = claim_summary(own["claims"])
        result[name] = own
        print(name, json.dumps({k: v for k, v in own.items() if "summary" in k}, ensure_ascii=False), flush=True)
    save(result)


if __name__ == "__main__":
    main()
