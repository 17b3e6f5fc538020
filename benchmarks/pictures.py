"""The cost of page images: builds with and without them, and browsing an archive with 1,000 large ones.

``make bench-pictures``, or ``python -m benchmarks.pictures DATA``, writes ``results/pictures.json``. Pages are drawn
from the development articles as PDFs with a text layer. Builds with and without images alternate, each in a separate
process, with the packaged sentence model; the archive that is browsed has vectors from a stand-in.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import numpy as np
from fastapi.testclient import TestClient
from PIL import Image

from app import create_app
from index.build import build
from index.config import LimitSettings, PassageSettings, Settings
from index.isolation.frames import PageImage
from index.maintenance import image_sizes
from index.storage.images import encoded
from index.updating import picturing
from index.updating.picturing import LONGEST, MOST_BYTES
from rag import Archive
from rag.web.history.history import History
from rag.web.sites.site import Site

from .__main__ import machine, save
from .drawn_pages import write_pdf
from .scans import pages
from .standin import StandInEmbedder

_PAGES, _TIMES = 40, 3
_HELD, _AN_ISSUE = 1000, 8  # pages, and pages per issue
_LINES = 60  # lines per article
_CHARACTERS = "渡口船班城市工人职会学校路桥水电山林田村河湖海港车站医院书报年月日新老大小高低远近"
_BUILD = """
import json, resource, sys, time
from pathlib import Path
from benchmarks.memory import peak_memory_mb
from index.build import build
from index.config import PassageSettings
from index.config import Settings
from index.isolation.process import shared
from index.models.embedder import load_embedder
embedder = load_embedder(Settings())
embedder.encode(["渡口"])
before, start = time.process_time(), time.perf_counter()
build([Path(sys.argv[1])], Path(sys.argv[2]), embedder, PassageSettings(), images=sys.argv[3] == "1")
seconds = time.perf_counter() - start
reading = " ".join(children.read_text() for children in Path("/proc/self/task").glob("*/children"))
memory = sum(map(peak_memory_mb, ["self", *reading.split()]))
shared.close()  # counts the reading processes' time
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({
    "seconds": seconds,
    "processor_s": sum(one.ru_utime + one.ru_stime for one in used) - before,
    "memory_mb": memory,
}))
"""


def building(data: Path, folder: Path) -> dict[str, Any]:
    """Medians of alternating builds with and without images, and their ratios."""
    (folder / "pages").mkdir()
    for number, page in enumerate(pages(data / "eval" / "pages_dev", _PAGES)):
        write_pdf(page, folder / "pages" / f"{number:03}.pdf")
    runs: dict[str, list[dict[str, float]]] = {"with": [], "without": []}
    for turn in range(_TIMES):
        for name in runs:
            arguments = [folder / "pages", folder / f"{name}{turn}", "1" if name == "with" else "0"]
            called = [sys.executable, "-c", _BUILD, *map(str, arguments)]
            done = subprocess.run(called, capture_output=True, text=True, check=True)
            runs[name].append(json.loads(done.stdout))
            print(name, runs[name][-1], flush=True)
    middle = {name: {key: _median(of, key) for key in of[0]} for name, of in runs.items()}
    ratios = {key: middle["with"][key] / middle["without"][key] for key in middle["with"]}
    return {"pages": _PAGES, "times": _TIMES, **middle, "ratio": ratios}


def _median(runs: list[dict[str, float]], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def browsing(folder: Path) -> dict[str, Any]:
    """Open an archive and its views, with and without an image of every page; the images come from a stand-in."""
    texts = folder / "texts"
    for number in range(_HELD):
        _write_page(texts, number)
    found: dict[str, Any] = {"pages": _HELD, "picture_kb": MOST_BYTES >> 10}
    for name in ("without", "with"):
        with patch.object(picturing, "page_image", _large):
            build([texts], folder / name, StandInEmbedder(), PassageSettings(), images=name == "with")
        found[name] = _views(folder / name, folder / f"{name}.sqlite")
    sizes = image_sizes(folder / "with")
    return found | {"pictures": sizes.count, "pictures_mb": sizes.bytes >> 20}


def _write_page(folder: Path, number: int) -> None:
    """Write an ALTO page with lines in three columns, and the image that it names."""
    day, page = divmod(number, _AN_ISSUE)
    place = folder / f"{2000 + day // 300}-{day % 300 // 25 + 1:02}-{day % 25 + 1:02}"
    place.mkdir(parents=True, exist_ok=True)
    words = random.Random(number)
    lines = [(_place(60, 60, 900, 60), f"渡口第{number}次加开夜班")]
    for line in range(_LINES):
        column, row = divmod(line, _LINES // 3)
        text = "".join(words.choices(_CHARACTERS, k=18))  # else the pages of an issue would be one, printed twice
        lines.append((_place(60 + 320 * column, 180 + 30 * row, 300, 18), f"{text}。"))
    placed = "".join(
        f'<TextBlock ID="B{at}"><TextLine {sides}><String CONTENT="{text}" {sides}/></TextLine></TextBlock>'
        for at, (sides, text) in enumerate(lines)
    )
    name = f"p{page + 1:02}"
    (place / f"{name}.xml").write_text(
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><sourceImageInformation><fileName>'
        f"{name}.png</fileName></sourceImageInformation></Description><Layout>"
        f'<Page ID="P{page + 1}" PHYSICAL_IMG_NR="{page + 1}" WIDTH="1020" HEIGHT="1360">'
        f"<PrintSpace>{placed}</PrintSpace></Page></Layout></alto>",
        encoding="utf-8",
    )
    Image.new("L", (15, 20), 250).save(place / f"{name}.png")


def _place(left: int, top: int, width: int, height: int) -> str:
    return f'HPOS="{left}" VPOS="{top}" WIDTH="{width}" HEIGHT="{height}"'


@cache
def _noise() -> tuple[bytes, tuple[int, int]]:
    """A page of noise, which gives the largest file."""
    grain = np.random.default_rng(0).integers(0, 255, (LONGEST, LONGEST * 3 // 4), dtype=np.uint8)
    return encoded(Image.fromarray(grain), LONGEST, MOST_BYTES)


def _large(*_: object) -> PageImage:
    """A unique image of the maximum size."""
    data, (width, height) = _noise()
    return PageImage(data[: MOST_BYTES - 16].ljust(MOST_BYTES - 16, b"\0") + secrets.token_bytes(16), width, height)


def _views(archive: Path, history: Path) -> dict[str, float]:
    """Median milliseconds for each: opening, the calendar, an issue, an article, searching, a citation."""
    settings = Settings(embedder={"model": "stand-in"}, limits=LimitSettings(requests=0, calls=0))

    def open_(_: object = None) -> Archive:
        opened = Archive.open(archive, settings)
        opened.embedder = StandInEmbedder()
        return opened

    times = {"open": _milliseconds(open_, range(10))}
    site = Site(open_(), History(history))
    articles = site.archive.store.articles(_HELD)[::25]
    with TestClient(create_app(site)) as browser:
        dates = sorted({article.date or "" for article in articles})
        names = [quote(article.id, safe="/") for article in articles]
        views = {
            "calendar": ["/issues"] * 20,
            "issue": [f"/issues/{date}" for date in dates],
            "article": [f"/articles/{name}" for name in names],
            "citation": [f"/articles/{name}?start=0&end=20" for name in names],
            "search": ["/search?q=渡口"] * 20,
        }
        for name, addresses in views.items():
            times[name] = _milliseconds(lambda address: _got(browser, address), addresses)
        shown = site.archive.store.catalogue.pictures(articles[0].id)
        if shown:
            times["page"] = _milliseconds(lambda name: _got(browser, f"/pages/{name}"), names)
            pictures = [held.image for one in articles for held in site.archive.store.catalogue.pictures(one.id)]
            times["picture"] = _milliseconds(lambda name: _got(browser, f"/images/{name}"), pictures)
    return times


def _got(browser: TestClient, address: str) -> None:
    browser.get(address, headers={"X-Fragment": "1"}).raise_for_status()


def _milliseconds(work: Callable[[Any], object], given: Iterable[Any]) -> float:
    times = []
    for value in given:
        start = time.perf_counter()
        work(value)
        times.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(times), 2)


def main() -> None:
    """Measure, print, and save the results."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    given = options.parse_args()
    result: dict[str, Any] = {"benchmark": "pictures", "machine": machine()}
    with tempfile.TemporaryDirectory() as name:
        result |= {"browsing": browsing(Path(name)), "building": building(given.data, Path(name))}
    save(result)
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
