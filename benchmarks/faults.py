"""Kill writers, fill the disk and damage files while readers ask: nothing published may be lost or mixed.

``make test-faults``, or ``python -m benchmarks.faults [--kills 300]``, writes ``results/faults.json``. Each state of
the archive has a marker in each of its six articles; an answer with two markers, or without all six articles, was not
read from one published state. Filling the disk needs permission to mount a tmpfs, and is skipped without it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import faiss
from tqdm import tqdm

from index import maintenance
from index.build import build, remove
from index.config import PassageSettings, Settings
from index.errors import BaowenError
from index.storage.snapshots import ArchiveFolder, files_of
from index.watching import watch
from rag import Archive

from .standin import StandInEmbedder

_SETTINGS = PassageSettings()
_PAGES = 6
_READERS = 4
_DISK_STEP = 4096
_MARKER = re.compile(r"标记(\d+)号")
# Starting Python takes a second, so processes are forked; forking a process with threads may hang, so this one must
# not start any.
_FORK = multiprocessing.get_context("fork")


def write_state(folder: Path, marker: int) -> None:
    """Write the sources of one state: an issue of six pages, each with the marker."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in range(1, _PAGES + 1):
        text = f"# 第{page}篇\n\n本报讯（记者 甲一）这里有标记{marker}号，是第{page}篇。\n"
        partial = folder / f"{page:02d}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / f"{page:02d}.md")


def marker_of(archive: Archive) -> int:
    """The only marker of the current state.

    Raises:
        AssertionError: there are several, or some articles lack it.
    """
    found = archive.retrieve("标记", k=50)
    markers = Counter(m[1] for passage in found if (m := _MARKER.search(passage.text)))
    assert len(markers) == 1, f"a mixed answer: {markers}"
    assert markers.most_common()[0][1] == _PAGES, f"an incomplete answer: {markers}"
    return int(markers.most_common()[0][0])


def opened(folder: Path) -> Archive:
    """The archive with the stand-in embedder and without the reranking model, whose threads do not survive a fork."""
    archive = Archive.open(folder, Settings(embedder={"model": "stand-in"}, retrieval={"rerank": 0}))
    archive.embedder = StandInEmbedder()
    return archive


def read(folder: Path, stop: Any, counts: Any, failures: Any) -> None:
    """Ask until stopped; count the answers, and record failures."""
    archive, parent = opened(folder), os.getppid()
    while not stop.is_set() and os.getppid() == parent:  # if the benchmark is killed, its readers stop
        try:
            marker_of(archive)
        except (AssertionError, BaowenError, OSError) as error:
            failures.put(f"{type(error).__name__}: {error}")
        with counts.get_lock():
            counts.value += 1


@contextmanager
def readers(folder: Path) -> Iterator[tuple[Any, Any]]:
    """Start reader processes; yields their answer counter and the queue of their failures."""
    stop, counts, failures = _FORK.Event(), _FORK.Value("l", 0), _FORK.Queue()
    processes = [
        _FORK.Process(target=read, args=(folder, stop, counts, failures), daemon=True) for _ in range(_READERS)
    ]
    for process in processes:
        process.start()
    try:
        yield counts, failures
    finally:
        stop.set()
        for process in processes:
            process.join(30)


def _watch_until_published(sources: Path, archive: Path, marker: int) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=watch, args=([sources], archive, StandInEmbedder(), _SETTINGS, stop), daemon=True)
    thread.start()
    end = time.monotonic() + 10
    while marker_of(opened(archive)) != marker and time.monotonic() < end:
        time.sleep(0.01)
    stop.set()
    thread.join(10)


def _add(source: Path, archive: Path) -> None:
    build([source], archive, StandInEmbedder(), _SETTINGS, keep_others=True)


def _remove(identity: str, archive: Path) -> None:
    with contextlib.suppress(BaowenError):  # it was already removed before the kill
        remove([identity], archive, StandInEmbedder(), _SETTINGS)


def _rollback(archive: Path) -> None:
    folder = ArchiveFolder(archive)
    with folder.writing(), contextlib.suppress(BaowenError):  # there may be no earlier snapshot
        folder.rollback()


class Kills:
    """Random operations, each killed at a random moment and then completed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.sources, self.extra, self.archive = folder / "issue", folder / "extra", folder / "archive"
        self.chance = random.Random(seed)
        self.marker = 0
        self.operations: Counter[str] = Counter()
        self.died: Counter[str] = Counter()
        self.extra.mkdir()
        write_state(self.sources, 0)
        _add(self.sources, self.archive)

    def once(self) -> None:
        """Run one operation: kill it, check the state, complete it, check again."""
        before = marker_of(opened(self.archive))
        name, work, allowed = self._choose(before)
        self.operations[name] += 1
        process = _FORK.Process(target=work)
        process.start()
        time.sleep(self.chance.uniform(0, 0.12))
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
            self.died[name] += 1
        process.join()
        assert marker_of(opened(self.archive)) in allowed, f"{name}: lost the published state {before}"
        if name != "rollback":
            completed = _FORK.Process(target=work)
            completed.start()
            completed.join(60)
            now = marker_of(opened(self.archive))
            assert now == allowed[-1], f"{name}: not completed after a kill: {now}, {allowed}"
        maintenance.verify(self.archive, StandInEmbedder())

    def _choose(self, before: int) -> tuple[str, Callable[[], None], list[int]]:
        """An operation's name, its work, and the markers that may be read after it; the last means complete."""
        name = self.chance.choice(["build", "build", "add", "remove", "rollback", "watch"])
        if name in ("build", "watch"):
            self.marker += 1
            write_state(self.sources, self.marker)
            if name == "watch":
                return (
                    name,
                    partial(_watch_until_published, self.sources, self.archive, self.marker),
                    [before, self.marker],
                )
            return name, partial(_add, self.sources, self.archive), [before, self.marker]
        if name == "add":
            path = self.extra / f"2024-01-{self.chance.randint(1, 28):02d} 附加.md"
            path.write_text(f"# 附加\n\n本报讯（记者 乙二）附加的话{self.chance.random()}。\n", encoding="utf-8")
            return name, partial(_add, path, self.archive), [before]
        extras = [a.id for a in opened(self.archive).articles(100) if a.title == "附加"]
        if name == "remove" and extras:
            return name, partial(_remove, extras[0], self.archive), [before]
        return "rollback", partial(_rollback, self.archive), list(range(self.marker + 1))


def damage(folder: Path, archive: Path) -> int:
    """Truncate and bit-flip each file of the newest snapshot in turn; the archive must still open. Returns how many."""
    newest = ArchiveFolder(archive).require_current()
    count = 0
    for name in files_of(newest):
        for flip in (True, False):
            copy = folder / f"damaged-{count}"  # a reader of the previous copy may still be open
            shutil.copytree(archive, copy)
            target = copy / "snapshots" / newest.name / name
            data = bytearray(target.read_bytes())
            data[len(data) // 2] ^= 0x10
            target.write_bytes(data if flip else data[: len(data) // 2])
            marker_of(opened(copy))
            shutil.rmtree(copy, ignore_errors=True)
            count += 1
    return count


def full_disk(folder: Path, steps: int) -> dict[str, int] | None:
    """Build with more and more free space on a small disk; until it fits, the old state must stay. None: no mount."""
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True).returncode:
        return None
    refused = fitted = 0
    try:
        sources = folder / "disk-sources"
        write_state(sources, 1)
        build([sources], disk / "archive", StandInEmbedder(), _SETTINGS)
        shutil.copytree(disk / "archive", folder / "first")
        write_state(sources, 2)
        for step in range(steps):
            shutil.rmtree(disk / "archive")
            (disk / "filler").unlink(missing_ok=True)
            shutil.copytree(folder / "first", disk / "archive")
            free = shutil.disk_usage(disk).free
            (disk / "filler").write_bytes(b"\0" * max(0, free - step * _DISK_STEP))
            try:
                build([sources], disk / "archive", StandInEmbedder(), _SETTINGS)
                fitted += 1
            except BaowenError:
                refused += 1
            expected = (2,) if fitted and step == steps - 1 else (1, 2)
            assert marker_of(opened(disk / "archive")) in expected
        (disk / "filler").unlink()
        build([sources], disk / "archive", StandInEmbedder(), _SETTINGS)
        assert marker_of(opened(disk / "archive")) == 2
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=False)
    return {"builds": steps, "refused": refused, "fitted": fitted}


def run(kills: int, seed: int, disk_steps: int) -> dict[str, Any]:
    """Run all faults; an assertion fails at the first loss. Must be run in a process without threads."""
    faiss.omp_set_num_threads(1)
    tqdm.monitor_interval = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        operations = Kills(folder, seed)
        with readers(operations.archive) as (counts, failures):
            while operations.died.total() < kills:
                operations.once()
        failed = []
        while not failures.empty():
            failed.append(failures.get())
        assert not failed, f"{len(failed)} reader errors: {failed[:3]}"
        return {
            "seed": seed,
            "operations": dict(operations.operations),
            "killed": dict(operations.died),
            "reader_answers": counts.value,
            "reader_errors": 0,
            "archives_that_do_not_open": 0,
            "lost_articles": 0,
            "damaged_files_survived": damage(folder, operations.archive),
            "full_disk": full_disk(folder, disk_steps) if disk_steps else None,
        }


def main() -> None:
    """Run, print, and write the results."""
    from .__main__ import RESULTS, machine

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="number of writers to kill")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--disk-steps", type=int, default=200, help="builds on a nearly full disk; 0: none")
    parser.add_argument("--out", type=Path, default=RESULTS / "faults.json")
    options = parser.parse_args()
    result = {"benchmark": "faults", "machine": machine(), **run(options.kills, options.seed, options.disk_steps)}
    options.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
