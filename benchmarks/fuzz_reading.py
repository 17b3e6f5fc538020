"""Mutate pages and read them: no crash, no page over 2 s, no lost Chinese character.

``python -m benchmarks.fuzz_reading PAGES_FOLDER [--minutes 10] [--seed N]`` writes ``results/fuzz_reading.json``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter
from pathlib import Path

from index.reading.articles.assembly import read_blocks
from index.reading.blocks import markdown_blocks

from .__main__ import RESULTS, machine

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MARKS = [
    "# ",
    "## ",
    "### ",
    "**",
    "|",
    "（",
    "）",
    "（下转第3版）",
    "（上接第一版）",
    "本报讯（记者 ",
    "摄",
    "□本报记者 ",
    "![](",
    "---\n",
]
_LIMIT_S = 2.0
_LARGEST = 1_000_000  # characters; repeated doubling of lines would otherwise grow without limit


def mutated(pages: list[str], chance: random.Random) -> str:
    """A page with lines shuffled, cut, doubled or swapped with another page's, and with markup inserted anywhere."""
    lines = chance.choice(pages).split("\n")
    for _ in range(chance.randint(1, 30)):
        where = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                lines.insert(where, chance.choice(_MARKS) + lines[where])
            case 1:
                at = chance.randint(0, len(lines[where]))
                lines[where] = lines[where][:at] + chance.choice(_MARKS) + lines[where][at:]
            case 2:
                lines[where] = lines[where][: chance.randint(0, len(lines[where]))]
            case 3:
                other = chance.randrange(len(lines))
                lines[where], lines[other] = lines[other], lines[where]
            case 4:
                lines[where] += lines[chance.randrange(len(lines))] * chance.choice([1, 1, 1, 200])
            case 5:
                lines[where : where + 1] = chance.choice(pages).split("\n")[: chance.randint(0, 20)]
            case _:
                lines[where] = "".join(chance.sample(lines[where], len(lines[where])))
        lines = lines or [""]
    return "\n".join(lines)[:_LARGEST]


def fuzz(folder: Path, minutes: float, seed: int) -> dict[str, float | int]:
    """Run until the time is over.

    Raises:
        AssertionError: a character was lost or a page took too long; the message contains the page.
    """
    pages = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.md"))]
    chance = random.Random(seed)
    count, slowest = 0, 0.0
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        text = mutated(pages, chance)
        start = time.perf_counter()
        reading = read_blocks(markdown_blocks(text))
        seconds = time.perf_counter() - start
        kept = Counter(_CHINESE.findall("".join(segment.text for segment in reading.ledger)))
        assert kept == Counter(_CHINESE.findall(text)), f"lost characters, seed {seed}, page {count}: {text[:2000]}"
        assert seconds < _LIMIT_S, f"{seconds:.1f} s, seed {seed}, page {count}: {text[:2000]}"
        slowest = max(slowest, seconds)
        count += 1
    return {"seed": seed, "minutes": minutes, "pages": count, "slowest_s": slowest, "crashes": 0, "lost_characters": 0}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    result = {
        "benchmark": "fuzz_reading",
        "machine": machine(),
        **fuzz(options.folder, options.minutes, options.seed),
    }
    (RESULTS / "fuzz_reading.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result))
