"""Comparison with the pipeline that people start from: ``python -m benchmarks.plain DATA [--questions 10]``.

The plain pipeline: the five nearest passages by cosine, 250 characters each, in the same prompt, answered by the same
weights in transformers, float32. Both are asked each question in turn, on the CPU; writes ``results/plain.json``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from index.config import GeneratorSettings, Settings
from index.models.packaged import packaged_file, packaged_name
from index.storage.store import Filter
from rag import Archive
from rag.evaluation.runner import holds
from rag.evaluation.scoring import unmarked
from rag.generation.drafting import messages
from rag.llm.transformers import TransformersGenerator

from . import data
from .__main__ import machine, save

_PASSAGES = 5
_CHARACTERS = 250


def plain(archive: Archive, model: TransformersGenerator, question: str) -> tuple[str, float, float]:
    """The reply, and the seconds to its first piece and to its end."""
    started = time.perf_counter()
    vectors = archive.embedder.encode([question], query=True)
    hits = archive.store.dense(vectors, _PASSAGES, Filter())[0]
    texts = archive.store.texts([hit.number for hit in hits])
    evidence = "\n\n".join(passage.text[:_CHARACTERS] for passage in texts)
    reply, first = "", 0.0
    for piece in model.stream(messages(question, evidence), GeneratorSettings().max_tokens):
        first = first or time.perf_counter() - started
        reply += piece
    return reply, first, time.perf_counter() - started


def main() -> None:
    """Ask both, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=10)
    options = parser.parse_args()
    settings = Settings.load()
    records = data.rgb_questions(options.data)
    chosen = records[:: len(records) // options.questions][: options.questions]
    name = GeneratorSettings().model
    weights = packaged_file(packaged_name(name) or name, settings.cache)
    model = TransformersGenerator(name, weights, GeneratorSettings(device="cpu"), settings.cache)
    rows = []
    with data.archive_of(data.rgb_articles(records), settings) as archive:
        archive.ask(chosen[0]["query"])  # loads everything
        plain(archive, model, chosen[0]["query"])
        for record in chosen:
            answer = archive.ask(record["query"])
            reply, first, whole = plain(archive, model, record["query"])
            expected = data.rgb_answer(record)
            rows.append(
                {
                    "question": record["query"],
                    "ours": unmarked(answer),
                    "ours_right": not answer.refused and holds(unmarked(answer), expected),
                    "ours_first_s": (answer.timings.first_token_ms or 0.0) / 1000,
                    "ours_s": answer.timings.total_ms / 1000,
                    "plain": reply,
                    "plain_right": holds(reply, expected),
                    "plain_first_s": first,
                    "plain_s": whole,
                }
            )
    middle = {key: statistics.median(row[key] for row in rows) for key in rows[0] if key.endswith("_s")}
    result: dict[str, Any] = {
        "benchmark": "plain",
        "machine": machine(),
        **middle,
        "ratio": middle["plain_s"] / middle["ours_s"],
        "ours_right": sum(row["ours_right"] for row in rows),
        "plain_right": sum(row["plain_right"] for row in rows),
        "rows": rows,
    }
    save(result)
    print(json.dumps({key: value for key, value in result.items() if key != "rows"}, ensure_ascii=False))


if __name__ == "__main__":
    main()
