"""Broken and hostile files made from whole ones; run as a program, it makes new ones until its time is over.

``python -m tests.reading.broken --seconds 600`` reports files that raise anything but what readers may raise, take
longer than they may, or, where a text file was only added to, lose what it held.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from index.reading import read_issue
from tests.reading.samples import MORE, TEXT, samples

SECONDS = 10.0  # the most that one small file may take
TEXTS = (".md", ".txt", ".html", ".csv", ".jsonl", ".eml")
_ADDED = (
    b"\0",
    b"\xff\xfe",
    b"<",
    b"&#0;",
    b'"',
    b"{",
    b"]",
    b"\r",
    b"\x1b[2J",
    "第1版".encode(),
    b"../",
    b"%s",
    b"=" * 9,
)


def name_of(suffix):
    return "a.md.gz" if suffix == ".gz" else f"a{suffix}"


def broken(data, others=()):
    """At least 20 broken files from a whole one: cut, overwritten, doubled, emptied, swapped."""
    size = len(data)
    yield b""
    yield b"\0" * size
    yield b"\xff" * size
    yield data * 2
    yield data + b"\0" * 4096
    yield data[::-1]
    yield data.replace(b"\n", b"")
    yield data.translate(bytes(range(1, 256)) + b"\0")
    for part in range(1, 9):
        yield data[: size * part // 9]
    for part in (4, 2):
        yield data[size // part :]
    for seed in range(6):
        yield flipped(data, random.Random(seed), 1 + size // 40)
    yield from others


def flipped(data, source, count):
    """``data`` with some of its bytes overwritten."""
    changed = bytearray(data)
    for _ in range(count):
        if changed:
            changed[source.randrange(len(changed))] = source.randrange(256)
    return bytes(changed)


def mutated(data, source):
    """One random change or several."""
    for _ in range(source.choice((1, 1, 2, 5))):
        at, length = source.randrange(len(data) + 1), source.randrange(1, 40)
        piece = source.choice((source.choice(_ADDED), data[at : at + length], source.randbytes(length)))
        data = source.choice(
            (
                data[:at] + piece + data[at:],
                data[:at] + data[at + length :],
                data[:at] + piece + data[at + len(piece) :],
                flipped(data, source, source.randrange(1, 8)),
            )
        )
    return data


def read(folder, suffix, data):
    """What is read from ``data``, and how long it took the processor."""
    path = Path(folder, name_of(suffix))
    path.write_bytes(data)
    start = time.process_time()
    issue = read_issue([(path, path.name)])
    return issue, time.process_time() - start


def _is_whole(issue):
    shown = "".join("".join(f"{a.title}{a.subtitle}{a.body}{a.captions}".split()) for a in issue.articles)
    return TEXT[3:30] in shown and MORE[3:30] in shown


def _added_to(data, source):
    """A text with a line of its own added at its end: nothing of it may be lost."""
    return data + b"\n\n" + source.choice(("责任编辑：甲", "又一行字。", "第3版", "（完）")).encode() + b"\n"


def main() -> None:
    """Fuzz every reader in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    source, kinds, tried, faults = random.Random(given.seed), samples(), Counter(), 0
    end = time.monotonic() + given.seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            suffix = source.choice(list(kinds))
            whole = suffix in (".md", ".html") and source.random() < 0.2
            data = _added_to(kinds[suffix], source) if whole else mutated(kinds[suffix], source)
            tried[suffix] += 1
            try:
                issue, seconds = read(folder, suffix, data)
            except Exception:
                traceback.print_exc()
                issue, seconds = None, 0.0
            if issue is None or seconds > SECONDS or (whole and not _is_whole(issue)):
                faults += 1
                kept = Path(tempfile.gettempdir(), f"baowen-fault-{faults}{suffix}")
                kept.write_bytes(data)
                print(f"{suffix} {seconds:.1f} s: {kept}", flush=True)
    print(f"{sum(tried.values())} files, {faults} faults: {dict(sorted(tried.items()))}")


if __name__ == "__main__":
    main()
