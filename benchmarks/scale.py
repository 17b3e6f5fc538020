"""Latency, recall, memory, disk and build time from 10³ to 10⁶ passages: ``python -m benchmarks.scale DATA``.

Uses real passages with real vectors, repeated over fifty years with every vector rotated away from its original (cosine
0.95), so that 10⁶ different rows are searched. Words are split once per text and cached, so building is faster than
with a million different passages; embedding time is not included. Each size is asked real questions in a separate
process, whose memory is reported.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.build import build
from index.config import Settings
from index.models.embedder import Embedder, load_embedder
from index.storage.dense import RowReader
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder, files_of
from index.storage.store import Filter
from index.text.passages import cut_passages
from index.text.words import words
from rag import Archive

from . import data
from .__main__ import RESULTS, machine
from .memory import peak_memory_mb

SIZES = (1_000, 10_000, 20_000, 100_000, 1_000_000)
_COSINE = 0.95
_MONTH = ("2023-07-01", "2023-07-31")
_FIRST_YEAR, _YEARS = 1974, 50


class TurnedEmbedder:
    """Known vectors of known texts, each rotated slightly in a random direction every time; questions are unchanged."""

    def __init__(self, model: Embedder, vectors: dict[str, NDArray[np.float32]]) -> None:
        self.name = model.name
        self.dimension = model.dimension
        self._model = model
        self._vectors = vectors
        self._chance = np.random.default_rng(0)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors of unit length, shape (texts, dimension); a text's first line, an invented headline, is ignored."""
        if query:
            return self._model.encode(texts, query=True)
        known = np.stack([self._vectors[text.split("\n", 1)[1]] for text in texts])
        noise = self._chance.standard_normal(known.shape, np.float32)
        noise -= (noise * known).sum(axis=1, keepdims=True) * known
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        return np.asarray(_COSINE * known + np.sqrt(1 - _COSINE**2) * noise, np.float32)


def repeated(texts: Sequence[str], settings: Settings, passages: int) -> Iterator[dict[str, Any]]:
    """Yield articles up to the given number of passages, spread evenly over the years."""
    lengths = [len(_passages(text, settings)) for text in texts]
    copies = passages / sum(lengths)
    made = number = 0
    days = _YEARS * 365
    while made < passages:
        text = texts[number % len(texts)]
        share = number / (copies * len(texts))
        date = datetime.date(_FIRST_YEAR, 1, 1) + datetime.timedelta(days=min(days - 1, int(share * days)))
        yield {"id": f"a{number}", "date": date.isoformat(), "title": f"之{number}", "text": text}
        made += lengths[number % len(texts)]
        number += 1


def write(articles: Iterable[dict[str, Any]], folder: Path) -> None:
    """Write articles in the order of their dates, one file per year."""
    folder.mkdir()
    for year, of_year in itertools.groupby(articles, lambda article: article["date"][:4]):
        with (folder / f"{year}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(article, ensure_ascii=False) + "\n" for article in of_year)


def _passages(text: str, settings: Settings) -> list[str]:
    spans = cut_passages(text, settings.passages.length, settings.passages.longest_sentence)
    return [text[span.start : span.end] for span in spans]


def ask(archive: Path, folder: Path) -> dict[str, Any]:
    """Open an archive and ask it real questions; meant to run in a separate process."""
    settings = Settings.load()
    texts = [record["question"] for record in data.read_jsonl(folder / "eval" / "news_qa_dev.jsonl")]
    started = time.perf_counter()
    opened = Archive.open(archive, settings)
    opening = time.perf_counter() - started
    result: dict[str, Any] = {"open_s": round(opening, 3)}
    for name, (since, until) in {"all": (None, None), "one month": _MONTH}.items():
        for text in texts[:20]:
            opened.retrieve(text, 10, since, until)
        times = []
        for text in texts * 2:
            started = time.perf_counter()
            opened.retrieve(text, 10, since, until)
            times.append((time.perf_counter() - started) * 1000)
        p50, p95 = np.percentile(times, (50, 95))
        result[name] = {"p50_ms": round(p50, 1), "p95_ms": round(p95, 1)}
    result["resident_gb"] = round(_resident() / 1e9, 3)  # before the following exhaustive search
    store = opened.store
    assert isinstance(store, LocalStore)
    vectors = opened.embedder.encode(texts, query=True)
    for name, (since, until) in {"all": (None, None), "one month": _MONTH}.items():
        where = Filter(since, until)
        found = store.dense(vectors, 10, where)
        exact = _exact(archive, vectors, where)
        result[name]["recall@10"] = float(
            np.mean([len({h.number for h in hits} & best) / len(best) for hits, best in zip(found, exact, strict=True)])
        )
    return result


def _exact(archive: Path, vectors: NDArray[np.float32], where: Filter) -> list[set[int]]:
    """The ten nearest passages, found by comparing every row."""
    reader = RowReader(ArchiveFolder(archive).require_current(), vectors.shape[1])
    first, last = where.dates
    best: list[list[tuple[float, int]]] = [[] for _ in vectors]
    for start, rows in reader.chunks():
        dates = reader.table["date"][start : start + len(rows)]
        allowed = np.ones(len(rows), bool) if first is None else (dates >= first) & (dates <= (last or 0))
        if allowed.any():
            numbers = reader.numbers[start : start + len(rows)][allowed]
            for place, scores in enumerate(vectors @ rows[allowed].T):
                top = np.argsort(-scores)[:10]
                best[place] = sorted([*best[place], *((float(scores[i]), int(numbers[i])) for i in top)])[-10:]
    return [{number for _, number in hits} for hits in best]


def _resident() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def grow(folder: Path, size: int, texts: Sequence[str], embedder: TurnedEmbedder) -> dict[str, Any]:
    """Build an archive of ``size`` passages and ask it."""
    settings = Settings.load()
    with tempfile.TemporaryDirectory() as temporary:
        source, archive = Path(temporary, "years"), Path(temporary, "archive")
        write(repeated(texts, settings, size), source)
        report = build([source], archive, embedder, settings.passages)
        snapshot = ArchiveFolder(archive).require_current()
        row = {
            "passages": report.passages,
            "build_s": report.seconds,
            "build_peak_gb": round(peak_memory_mb() / 1000, 3),
            "disk_gb": round(sum((snapshot / name).stat().st_size for name in files_of(snapshot)) / 1e9, 3),
        }
        command = [sys.executable, "-m", "benchmarks.scale", str(folder), "--ask", str(archive)]
        asked = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        answered: dict[str, Any] = json.loads(asked.splitlines()[-1])
        return row | answered


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Plot latency, memory, disk and build time against the number of passages, with both axes logarithmic."""
    import matplotlib.pyplot as plt

    sizes = [row["passages"] for row in rows]
    figure, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    for name in ("all", "one month"):
        for quantile in ("p50_ms", "p95_ms"):
            axes[0].loglog(sizes, [row[name][quantile] for row in rows], "o-", label=f"{name}, {quantile[:3]}")
    axes[0].set(title="retrieval with the question's embedding", ylabel="ms")
    for key, label in (("resident_gb", "reader, resident"), ("build_peak_gb", "build, peak"), ("disk_gb", "on disk")):
        axes[1].loglog(sizes, [row[key] for row in rows], "o-", label=label)
    axes[1].set(title="memory and disk", ylabel="GB")
    axes[2].loglog(sizes, [row["build_s"] for row in rows], "o-", label="build, without embedding")
    axes[2].loglog(sizes, [row["open_s"] for row in rows], "o-", label="open")
    axes[2].set(title="time to build and to open", ylabel="s")
    for axis in axes:
        axis.set_xlabel("passages")
        axis.grid(visible=True, alpha=0.3)
        axis.legend()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Run, write ``results/scale.json``, and print a line per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--ask", type=Path, help="only ask this archive, and print the result as JSON")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(ask(options.ask, options.data)))
        return
    settings = Settings.load()
    articles, _ = data.news_qa(options.data, 2000)
    texts = ["".join(article["text"].split()) for article in articles]  # as produced by the reader
    distinct = list(dict.fromkeys(passage for text in texts for passage in _passages(text, settings)))
    model = load_embedder(settings)
    embedder = TurnedEmbedder(model, dict(zip(distinct, model.encode(distinct), strict=True)))
    importlib.import_module("index.build").words = lru_cache(maxsize=None)(words)  # type: ignore[attr-defined]
    rows = []
    for size in options.sizes:
        rows.append(grow(options.data, size, texts, embedder))
        print(json.dumps(rows[-1]), flush=True)
    plot(rows, RESULTS / "scale.png")
    result = {"benchmark": "scale", "machine": machine(), "rows": rows}
    (RESULTS / "scale.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
