"""Compare retrieval with its retrievers, plain fusion and two peers: ``python -m benchmarks.retrieval DATA [--peers]``.

Peers run in separate virtual environments (``benchmarks/peers.py``), on the same texts with the same sentence model and
the same questions; their results are scored here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.config import Settings
from index.models.embedder import packaged_folder
from index.storage.store import Filter, PassageHit
from index.text.words import question_words
from rag import Archive
from rag.evaluation.metrics import DEPTH, METRICS, measures, summarise
from rag.evaluation.runner import Question, ranked_hits, retriever_passages

from . import data
from .__main__ import earlier, environment, machine, save

_LEG = 50
_RRF = 60
_PEERS = {
    "llama_index": ["llama-index-core>=0.14,<0.15", "llama-index-embeddings-huggingface"],
    "haystack": ["haystack-ai>=2.20,<3"],
}

_SETS = {
    "RGB-zh": data.rgb,
    "news_qa + 2,000": lambda folder: data.news_qa(folder, 2000),
    "CMRC 2018 trial": data.cmrc,
}


def rrf(retrievers: Sequence[Sequence[PassageHit]]) -> list[PassageHit]:
    """Plain reciprocal rank fusion, score = Σ 1 / (60 + rank) (Cormack, Clarke and Büttcher, SIGIR 2009)."""
    scores: dict[int, float] = {}
    for retriever in retrievers:
        for rank, hit in enumerate(retriever, 1):
            scores[hit.number] = scores.get(hit.number, 0.0) + 1.0 / (_RRF + rank)
    return sorted((PassageHit(number, score) for number, score in scores.items()), key=lambda hit: -hit.score)


def own_rows(archive: Archive, questions: Sequence[Question]) -> dict[str, list[list[float]]]:
    """The metrics of every question for BM25, dense retrieval, plain fusion, and the product."""
    store = archive.store
    texts = [question.text for question in questions]
    dense = store.dense(archive.embedder.encode(texts, query=True), _LEG, Filter())
    bm25 = [store.lexical(question_words(text), _LEG, Filter()) for text in texts]
    lists = {
        "BM25 alone": [retriever_passages(store, hits) for hits in bm25],
        "dense alone": [retriever_passages(store, hits) for hits in dense],
        "plain RRF": [retriever_passages(store, rrf(pair)) for pair in zip(dense, bm25, strict=True)],
        "ours": archive.retrieve_many(texts, 2 * DEPTH),
    }
    return {
        name: [measures(*ranked_hits(found, q)) for found, q in zip(ranked, questions, strict=True)]
        for name, ranked in lists.items()
    }


def peer_rows(articles: list[dict[str, str]], questions: Sequence[Question]) -> dict[str, list[list[float]]]:
    """The same for the peers, each installed into a temporary folder."""
    rows = {}
    model = packaged_folder("multilingual-e5-small", Settings.load().cache)
    for peer, packages in _PEERS.items():
        with tempfile.TemporaryDirectory() as folder:
            task = {"model": str(model), "articles": articles, "questions": [q.text for q in questions], "depth": 40}
            Path(folder, "task.json").write_text(json.dumps(task, ensure_ascii=False), encoding="utf-8")
            python = environment(Path(folder, "venv"), packages)
            script = Path(__file__).with_name("peers.py")
            subprocess.run([python, str(script), peer, folder], check=True)
            found = json.loads(Path(folder, "found.json").read_text(encoding="utf-8"))
            rows[peer] = [
                measures([article in q.article_ids for article in dict.fromkeys(ids)], len(q.article_ids))
                for ids, q in zip(found, questions, strict=True)
            ]
    return rows


def main() -> None:
    """Run, write ``results/retrieval.json``, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(_SETS), choices=list(_SETS))
    parser.add_argument("--peers", action="store_true", help="also run LlamaIndex and Haystack (installs them)")
    options = parser.parse_args()
    before = earlier("retrieval")
    result: dict[str, Any] = {"benchmark": "retrieval", "machine": machine()}
    for name in options.sets:
        articles, questions = _SETS[name](options.data)
        with data.archive_of(articles) as archive:
            rows = own_rows(archive, questions)
        if options.peers:
            rows |= peer_rows(articles, questions)
        kept = {peer: before[name][peer] for peer in _PEERS if peer in before.get(name, {})}  # they do not change
        result[name] = kept | {row: {m: s.as_dict() for m, s in summarise(t).items()} for row, t in rows.items()}
        save(before | result)
        print(f"\n{name}: {len(articles)} articles, {len(questions)} questions")
        print(f"{'':14}" + "".join(f"{metric:>9}" for metric in METRICS))
        for row, scores in result[name].items():
            print(f"{row:14}" + "".join(f"{scores[metric]['mean']:9.4f}" for metric in METRICS), flush=True)


if __name__ == "__main__":
    main()
