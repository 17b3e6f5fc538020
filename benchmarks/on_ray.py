"""A build on Ray with one machine that embeds, and with two: ``python -m benchmarks.on_ray DATA`` → ``results``.

All machines are on this one, with one processor each; one more reads, and the head has none. The model in a machine
uses one thread. Measured from the first file sent to the last vector received, once the model is loaded, so without
starting the cluster. The archives are compared with each other: article by article and vector by vector.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from index.build import build
from index.config import Settings
from index.models.embedder import LazyEmbedder
from index.on_ray import RayReader
from index.reading import Issue
from index.sources import Source
from index.storage.dense import ROWS
from index.storage.local import DATABASE
from index.storage.snapshots import ArchiveFolder
from index.updating.reading import Job

from . import data
from .__main__ import machine, save

_ARTICLES = 2_000
_IN_A_FILE = 25  # so that there is work for every machine until the end
_WORKERS = (1, 2)
_MACHINE = {"num_cpus": 1, "object_store_memory": 200 << 20}


@contextmanager
def cluster(machines: int) -> Iterator[str]:
    """The address of a cluster of machines with one processor each."""
    from ray.cluster_utils import Cluster

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    head = _MACHINE | {"num_cpus": 0, "ray_client_server_port": port, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(machines):
            made.add_node(**_MACHINE)
        yield f"ray://127.0.0.1:{port}"
    finally:
        made.shutdown()


class Timed:
    """A reader that knows when its first and its last issue came; the first only once a model is loaded."""

    def __init__(self, read: Callable[[Sequence[Source], Job], Generator[Issue, None, None]]) -> None:
        self._read = read
        self.first, self.last, self.issues = 0.0, 0.0, 0

    def __call__(self, sources: Sequence[Source], job: Job) -> Generator[Issue, None, None]:
        """Like ``index.updating.reading.Reader``."""
        with contextlib.closing(self._read(sources, job)) as issues:
            for issue in issues:
                self.last = time.perf_counter()
                self.first = self.first or self.last
                self.issues += 1
                yield issue


def measured(workers: int, pages: Path, archive: Path, settings: Settings) -> dict[str, Any]:
    """Build with so many machines that embed."""
    embedder = LazyEmbedder(settings)
    with cluster(workers + 1) as address:
        reader = Timed(RayReader(address, partial(LazyEmbedder, settings), block=1))
        report = build([pages], archive, embedder, settings.passages, reader=reader)
    seconds = reader.last - reader.first
    rate = report.passages * (reader.issues - 1) / reader.issues / seconds  # the first file came before
    return {"workers": workers, "build_s": report.seconds, "passages_a_second": round(rate, 1)}


def differences(one: Path, other: Path) -> dict[str, Any]:
    """How two archives differ: articles, passages, and the lowest cosine of two vectors."""
    held, rows = [], []
    for snapshot in (ArchiveFolder(archive).require_current() for archive in (one, other)):
        with closing(sqlite3.connect(snapshot / DATABASE)) as database:
            found = database.execute("SELECT id, fields, body FROM articles ORDER BY number").fetchall()
            held.append(
                (found, database.execute("SELECT article, start, end FROM passages ORDER BY number").fetchall())
            )
        vectors = np.fromfile(snapshot / ROWS, "<f2").astype(np.float32).reshape(len(held[-1][1]), -1)
        rows.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    equal = held[0] == held[1]
    return {"equal": equal, "least_cosine": round(float((rows[0] * rows[1]).sum(1).min()), 5) if equal else None}


def main() -> None:
    """Build once for each number of machines, compare, and save the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, help="a trial with so many articles; its result is only printed")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)  # what the machines of the cluster import
    settings = Settings.load()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        articles = data.read_jsonl(options.data / "eval" / "news_20k.jsonl.gz")[: options.articles or _ARTICLES]
        (folder / "pages").mkdir()
        for start in range(0, len(articles), _IN_A_FILE):
            lines = [json.dumps(article, ensure_ascii=False) for article in articles[start : start + _IN_A_FILE]]
            (folder / "pages" / f"{start:06}.jsonl").write_text("\n".join(lines), encoding="utf-8")
        rows = [measured(n, folder / "pages", folder / f"archive-{n}", settings) for n in _WORKERS]
        compared = differences(*(folder / f"archive-{n}" for n in _WORKERS))
    times = round(rows[-1]["passages_a_second"] / rows[0]["passages_a_second"], 2)
    found = {"articles": len(articles), "rows": rows, "times": times} | compared
    result = {"benchmark": "on_ray", "machine": machine(), "embedder": settings.embedder.model} | found
    save(result, trial=options.articles is not None)


if __name__ == "__main__":
    main()
