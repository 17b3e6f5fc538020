"""Keeping an archive up to date: adding and removing an issue, no changes, readers during writing, memory.

``python -m benchmarks.archive DATA`` writes ``results/archive.json``. Vectors come from a stand-in, so that the archive
is measured, not the model; the articles are real news.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from index.build import build
from index.config import PassageSettings, Settings
from index.sources import lower_priority
from rag import Archive

from .__main__ import machine, save
from .data import read_jsonl
from .memory import peak_memory_mb
from .standin import StandInEmbedder

_SETTINGS = PassageSettings()
_ISSUE = 160
_READERS = 8


def write_issue(folder: Path, articles: list[dict[str, Any]]) -> None:
    """An issue of 4 pages in Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in range(4):
        part = articles[page::4]
        text = "\n\n".join(f"## 第{n}篇 {a['id']}\n\n本报讯（记者 甲一）{a['text']}" for n, a in enumerate(part))
        (folder / f"{page + 1:02d}.md").write_text(text, encoding="utf-8")


def write_files(folder: Path, articles: list[dict[str, Any]]) -> None:
    """Write one file per article."""
    folder.mkdir(parents=True)
    for article in articles:
        text = f"# {article['id']}\n\n本报讯（记者 甲一）{article['text']}"
        (folder / f"{article['id']}.md").write_text(text, encoding="utf-8")


def timed_build(paths: list[Path], archive: Path, *, keep_others: bool = False) -> tuple[float, dict[str, Any]]:
    """The seconds and the report of one build."""
    start = time.perf_counter()
    report = build(paths, archive, StandInEmbedder(), _SETTINGS, keep_others=keep_others)
    return time.perf_counter() - start, report.as_dict()


def peak_memory_gb(source: Path, archive: Path) -> float:
    """Peak resident memory of a build in a separate process."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_build_and_measure, args=(source, archive, queue))
    process.start()
    peak = float(queue.get())
    process.join()
    return peak


def _build_and_measure(source: Path, archive: Path, queue: Any) -> None:
    timed_build([source], archive)
    queue.put(peak_memory_mb() / 1000)


def _read(archive: Path, stop: Event, queue: Any) -> None:
    settings = Settings(embedder={"model": "stand-in"})
    opened = Archive.open(archive, settings)
    opened.embedder = StandInEmbedder()
    times = []
    number = 0
    while not stop.is_set():
        start = time.perf_counter()
        opened.retrieve(f"第{number % 160}篇 工会 职工", k=5)
        times.append((time.perf_counter() - start) * 1000)
        number += 1
    queue.put(times)


def _write(issue: Path, archive: Path) -> None:
    lower_priority()
    timed_build([issue], archive, keep_others=True)


def readers_p95(archive: Path, seconds: float, issue: Path | None) -> tuple[float, int]:
    """p95 of retrieval over readers that ask without pause, and the number of publications meanwhile."""
    context = multiprocessing.get_context("spawn")
    stop, queue = context.Event(), context.Queue()
    readers = [context.Process(target=_read, args=(archive, stop, queue)) for _ in range(_READERS)]
    for reader in readers:
        reader.start()
    end = time.monotonic() + seconds
    published = 0
    while time.monotonic() < end:
        if issue is None:
            time.sleep(0.2)
            continue
        page = issue / "01.md"
        page.write_text(page.read_text(encoding="utf-8") + f"\n\n第{published}次修改。", encoding="utf-8")
        writer = context.Process(target=_write, args=(issue, archive))
        writer.start()
        writer.join()
        published += 1
    stop.set()
    times = [value for _ in readers for value in queue.get()]
    for reader in readers:
        reader.join()
    return statistics.quantiles(times, n=20)[-1], published


def main(data: Path, minutes: float) -> None:
    """Measure, print, and write the results."""
    articles = read_jsonl(data / "eval" / "news_20k.jsonl.gz")
    result: dict[str, Any] = {"benchmark": "archive", "machine": machine(), "embedder": "stand-in"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder / "few", articles[:5000])
        result["peak_memory_gb_5000"] = peak_memory_gb(folder / "few", folder / "few-archive")
        write_files(folder / "news", articles)
        result["peak_memory_gb_20000"] = peak_memory_gb(folder / "news", folder / "archive")
        seconds, report = timed_build([folder / "news"], folder / "archive")
        result |= {"passages": report["passages"], "nothing_to_do_s": seconds, "unchanged": report["unchanged"]}
        write_issue(folder / "issue", [{**a, "text": a["text"][::-1]} for a in articles[:_ISSUE]])
        alone = [timed_build([folder / "issue"], folder / f"alone-{n}")[0] for n in range(3)]
        result["issue_alone_s"] = statistics.median(alone)
        added, removed = [], []
        for _ in range(3):
            added.append(timed_build([folder / "issue"], folder / "archive", keep_others=True)[0])
            removed.append(timed_build([folder / "news"], folder / "archive")[0])
        result["add_issue_s"] = statistics.median(added)
        result["remove_issue_s"] = statistics.median(removed)
        allowed = 1.3 * result["issue_alone_s"] + 2 * report["passages"] / 100_000
        result["add_issue_allowed_s"] = allowed
        shutil.rmtree(folder / "few")
        for key, issue in (("readers_p95_ms", None), ("readers_with_writer_p95_ms", folder / "issue")):
            result[key], result["published_meanwhile"] = readers_p95(folder / "archive", minutes * 60, issue)
        result["readers_ratio"] = result["readers_with_writer_p95_ms"] / result["readers_p95_ms"]
        result["minutes_each"] = minutes
    save(result)
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 5.0)
