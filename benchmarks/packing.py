"""Packing an archive and restoring it: seconds beside a plain copy, memory, and kills at random moments.

``make bench-pack``, or ``python -m benchmarks.packing DATA``, writes ``results/packing.json``. Vectors come from a
stand-in; articles are real news. Each call is timed in a process of its own, which has loaded what it needs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.config import Settings
from index.storage.snapshots import ArchiveFolder, files_of

from .__main__ import machine, save
from .data import archive_of, read_jsonl
from .standin import StandInEmbedder

_TIMES = 3
_ONE = """
import json, sys, time
from pathlib import Path
from benchmarks.memory import peak_memory_mb
from index.packing import pack, unpack
work = {"pack": pack, "unpack": unpack}[sys.argv[1]]
start = time.perf_counter()
work(Path(sys.argv[2]), Path(sys.argv[3]))
seconds = time.perf_counter() - start
print(json.dumps([seconds, peak_memory_mb()]))
"""


def digests(snapshot: Path) -> dict[str, str]:
    """What is in each file."""
    found = {}
    for name in files_of(snapshot):
        with (snapshot / name).open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def copied(snapshot: Path, target: Path) -> float:
    """Seconds in which the same bytes are copied, are on the disk, and are read again."""
    start = time.perf_counter()
    target.mkdir()
    for name in files_of(snapshot):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(snapshot / name, target / name)
        with (target / name).open("rb") as file:
            os.fsync(file.fileno())
            while file.read(1 << 20):
                pass
    return time.perf_counter() - start


def timed(kind: str, source: Path, target: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of one call."""
    command = [sys.executable, "-c", _ONE, kind, str(source), str(target)]
    seconds, peak = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return seconds, peak


def killed(kind: str, times: int, archive: Path, packed: Path, folder: Path) -> dict[str, Any]:
    """What so many kills at random moments left, and what lay about after a run to the end."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.packing.killer", kind, str(times), str(archive), str(packed), str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout)
    shutil.rmtree(folder)
    return {"left": Counter(found["seen"]), "leftovers": len(found["leftovers"])}


def measured(archive: Path, folder: Path) -> dict[str, Any]:
    """Packing and restoring beside a plain copy, in turn, some times."""
    snapshot = ArchiveFolder(archive).require_current()
    times: dict[str, list[float]] = {"plain": [], "pack": [], "unpack": []}
    peaks: dict[str, float] = {}
    equal = True
    for number in range(_TIMES):
        packed, restored = folder / f"{number}.baowen", folder / f"restored-{number}"
        times["plain"].append(copied(snapshot, folder / f"copy-{number}"))
        for kind, source, target in (("pack", archive, packed), ("unpack", packed, restored)):
            seconds, peak = timed(kind, source, target)
            times[kind].append(seconds)
            peaks[kind] = max(peak, peaks.get(kind, 0.0))
        equal &= digests(ArchiveFolder(restored).require_current()) == digests(snapshot)
        shutil.rmtree(folder / f"copy-{number}")
        shutil.rmtree(restored)
    medians = {kind: statistics.median(seconds) for kind, seconds in times.items()}
    return {
        "bytes": sum((snapshot / name).stat().st_size for name in files_of(snapshot)),
        "packed_bytes": packed.stat().st_size,
        "seconds": medians,
        "times_a_plain_copy": {kind: medians[kind] / medians["plain"] for kind in ("pack", "unpack")},
        "peak_mb": peaks,
        "equal": equal,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=50, help="half of them while packing, half while restoring")
    options = parser.parse_args(arguments)
    articles = read_jsonl(options.data / "eval" / "news_20k.jsonl.gz")[: options.articles]
    result: dict[str, Any] = {"benchmark": "packing", "machine": machine(), "articles": len(articles)}
    settings = Settings(embedder={"model": StandInEmbedder.name})
    with archive_of(articles, settings, StandInEmbedder()) as archive, tempfile.TemporaryDirectory() as name:
        folder, source = Path(name), archive.folder
        assert source is not None
        result |= measured(source, folder)
        packed = folder / "0.baowen"
        result["kills"] = {
            kind: killed(kind, options.kills // 2, source, packed, folder / kind) for kind in ("pack", "unpack")
        }
    save(result)
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
