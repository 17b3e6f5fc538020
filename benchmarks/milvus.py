"""20,000 articles in a folder and in Milvus: ``python -m benchmarks.milvus DATA`` → ``results/milvus.json``.

Milvus is milvus-lite, as a server in a separate process. Measured: building the folder and copying it; hit@5 on the
development questions; search time after the question is embedded (two retrievers, ranking, reading the passages, no
reranking); memory; and eight readers during the publication of another state. The two states differ in a mark at the
end of each article, so that an answer mixed from both is detected.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.build import build
from index.config import MilvusSettings, Settings
from index.models.embedder import Embedder, LazyEmbedder
from index.storage.local import LocalStore
from index.storage.milvus import MilvusAddress, milvus_address
from index.storage.milvus.copying import CopySource, Whole, copy_to_milvus
from index.storage.opening import local_source
from index.storage.snapshots import ArchiveFolder, files_of
from rag import Archive

from . import data
from .__main__ import machine, save

_READERS = 8
_DEPTH = 5
MARK = "〔二〕"
_OPTIONS = MilvusSettings(timeout=600)
# pymilvus pings every 10 seconds; by default, a gRPC server hangs up on whoever does so during a long request.
_SERVER = """
import sys, grpc
from milvus_lite.adapter.grpc.server import start_server_in_thread
made = grpc.server
grpc.server = lambda pool, options: made(pool, options=[*options, ("grpc.http2.max_ping_strikes", 0)])
server, database, port = start_server_in_thread(sys.argv[1])
print(port, flush=True)
server.wait_for_termination()
"""


class Known:
    """An embedder that knows the vectors of previously embedded questions."""

    def __init__(self, name: str, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self.name, self.dimension = name, vectors.shape[1]
        self._vectors = dict(zip(texts, vectors, strict=True))

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """The known vectors, shape (texts, dimension)."""
        return np.stack([self._vectors[text] for text in texts])


def questions_of(folder: Path) -> list[tuple[str, list[str]]]:
    """The development questions that articles answer, with the ids of these articles."""
    asked = [(r["question"], [r["article_id"]]) for r in data.read_jsonl(folder / "eval" / "news_qa_dev.jsonl")]
    newsroom = data.read_jsonl(folder / "eval" / "newsroom_dev.jsonl")
    return asked + [(r["question"], r["article_ids"]) for r in newsroom if r["article_ids"]]


def chosen(folder: Path, most: int | None) -> tuple[list[dict[str, Any]], list[tuple[str, list[str]]]]:
    """The articles, of ``most`` those that questions ask for first, and the questions that they answer."""
    articles, questions = data.read_jsonl(folder / "eval" / "news_20k.jsonl.gz"), questions_of(folder)
    if most is None:
        return articles, questions
    wanted = {identity for _, identities in questions for identity in identities}
    articles = sorted(articles, key=lambda article: article["id"] not in wanted)[:most]
    held = {article["id"] for article in articles}
    return articles, [(text, identities) for text, identities in questions if held & set(identities)]


def opened(place: str, folder: Path) -> tuple[Archive, list[tuple[str, list[str]]]]:
    """An archive for questions whose vectors are in ``folder``, and the questions."""
    held = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    settings = Settings(embedder={"model": held["embedder"]}, retrieval={"rerank": 0}, milvus=_OPTIONS.model_dump())
    archive = Archive.open(place, settings)
    texts = [text for text, _ in held["questions"]]
    archive.embedder = Known(held["embedder"], texts, np.load(folder / "questions.npy"))
    return archive, held["questions"]


def ask(place: str, folder: Path) -> dict[str, Any]:
    """Ask every question twice; meant to run in a separate process."""
    started = time.perf_counter()
    archive, questions = opened(place, folder)
    opening = time.perf_counter() - started
    for text, _ in questions[:20]:
        archive.retrieve(text, _DEPTH, read_dates=False)
    times, hits = [], []
    for text, articles in questions * 2:
        started = time.perf_counter()
        found = archive.retrieve(text, _DEPTH, read_dates=False)
        times.append((time.perf_counter() - started) * 1000)
        hits.append(bool({passage.article.id for passage in found} & set(articles)))
    p50, p95 = np.percentile(times, (50, 95))
    quality = {"questions": len(questions), "hit@5": round(float(np.mean(hits)), 4)}
    speed = {"open_s": round(opening, 2), "p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}
    return quality | speed | {"resident_gb": resident_gb(os.getpid())}


def readers(place: str, folder: Path) -> dict[str, Any]:
    """Ask from eight threads until standard input receives a line; meant to run in a separate process."""
    archive, questions = opened(place, folder)
    lock, stop, told = threading.Lock(), threading.Event(), {"answers": 0, "mixed": 0, "marked": 0}
    failed: list[str] = []

    def read(first: int) -> None:
        place, last = first, False
        while not last:
            last = stop.is_set()  # so that each reader asks once more after the publication
            text, _ = questions[place % len(questions)]
            place += _READERS
            try:
                found = archive.retrieve(text, _DEPTH, read_dates=False)
            except BaseException as error:
                failed.append(repr(error))
                continue
            marked = {passage.article.body.endswith(MARK) for passage in found}
            with lock:
                told["answers"] += 1
                told["mixed"] += len(marked) != 1
                told["marked"] += marked == {True}

    threads = [threading.Thread(target=read, args=(number,)) for number in range(_READERS)]
    for thread in threads:
        thread.start()
    print("reading", flush=True)
    sys.stdin.readline()
    stop.set()
    for thread in threads:
        thread.join()
    return told | {"failed": len(failed), "errors": failed[:3]}


def marked(source: CopySource) -> CopySource:
    """The same state with a mark at the end of each article."""

    def wholes() -> Iterator[Whole]:
        for whole in source.articles():
            yield replace(whole, article=replace(whole.article, body=whole.article.body + MARK))

    return CopySource(source.stamp, wholes)


@contextmanager
def milvus_server(folder: Path) -> Iterator[tuple[MilvusAddress, int]]:
    """Start milvus-lite in a separate process; yields an archive's address there, and the process id."""
    command = [sys.executable, "-c", _SERVER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = milvus_address(f"milvus://127.0.0.1:{int(process.stdout.readline())}/news", _OPTIONS)
            assert address is not None
            yield address, process.pid
        finally:
            process.terminate()


def resident_gb(process: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    return round(int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1e6, 3)


def in_process(what: str, place: str, folder: Path) -> subprocess.Popen[str]:
    """Run ``ask`` or ``readers`` in a separate process; its last line of output is the result."""
    command = [sys.executable, "-m", "benchmarks.milvus", str(folder), f"--{what}", place]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def came_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Tell a process of ``in_process`` to end, and return its result."""
    out, _ = process.communicate("end\n")
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def compare(
    folder: Path, archive: Path, embedder: Embedder, questions: Sequence[tuple[str, list[str]]]
) -> dict[str, Any]:
    """Copy an archive's folder into Milvus, ask both, and publish another state while eight readers ask.

    Args:
        folder: for data exchanged between the processes, and for Milvus's files.
    """
    vectors = embedder.encode([text for text, _ in questions], query=True)
    np.save(folder / "questions.npy", vectors)
    asked = {"embedder": embedder.name, "questions": questions}
    (folder / "questions.json").write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    snapshot = ArchiveFolder(archive).require_current()
    source = local_source(LocalStore(snapshot))
    disk = round(sum((snapshot / name).stat().st_size for name in files_of(snapshot)) / 1e9, 3)
    local = came_of(in_process("ask", str(archive), folder)) | {"disk_gb": disk}
    (folder / "milvus").mkdir()
    with milvus_server(folder / "milvus") as (address, process):
        place = str(address)
        started = time.perf_counter()
        copy_to_milvus(source, address, _OPTIONS)
        copied = round(time.perf_counter() - started, 1)
        remote = came_of(in_process("ask", place, folder))
        remote |= {"copy_s": copied, "server_resident_gb": resident_gb(process)}
        reading = in_process("readers", place, folder)
        assert reading.stdout is not None
        reading.stdout.readline()
        copy_to_milvus(marked(source), address, _OPTIONS)
        time.sleep(5)
        publishing = came_of(reading) | {"readers": _READERS}
    return {"folder": local, "milvus": remote, "publishing": publishing}


def main() -> None:
    """Build, compare, and save the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, help="a trial with so many articles; its result is only printed")
    parser.add_argument("--ask", help="only ask the archive at this place, and print the result as JSON")
    parser.add_argument("--readers", help="only read the archive at this place until stopped")
    options = parser.parse_args()
    if options.ask or options.readers:
        found = ask(options.ask, options.data) if options.ask else readers(options.readers, options.data)
        print(json.dumps(found))
        return
    settings = Settings.load()
    embedder = LazyEmbedder(settings)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        articles, questions = chosen(options.data, options.articles)
        lines = (json.dumps(article, ensure_ascii=False) + "\n" for article in articles)
        with (folder / "news.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(lines)
        report = build([folder / "news.jsonl"], folder / "archive", embedder, settings.passages)
        built = {"articles": report.articles, "passages": report.passages, "build_s": report.seconds}
        compared = compare(folder, folder / "archive", embedder, questions)
    result = {"benchmark": "milvus", "machine": machine(), "embedder": embedder.name} | built | compared
    save(result, trial=options.articles is not None)


if __name__ == "__main__":
    main()
