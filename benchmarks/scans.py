"""How well pictures and PDFs of pages are read: ``python -m benchmarks.scans DATA``.

Pages are drawn from the articles of pages_dev, with 2 to 7 columns, horizontal and vertical. Recognition is slow, so by
default only few pages are recognised, but many pages with a text layer are read.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.article import Article
from index.reading import read_issue
from index.regions import Box, areas

from .drawn_pages import DrawnPage, draw_page, picture, write_pdf
from .library_pages import write_mets
from .parse import bare, overlap

RESULTS = Path(__file__).parent / "results" / "scans.json"
_FOUND = 0.9
_LONGEST, _SHORTEST = 900, 80  # characters of a drawn article


def edit_distance(a: str, b: str) -> float:
    """Insertions, deletions and substitutions that turn ``a`` into ``b``, per character of the longer one."""
    if not a or not b:
        return float(a != b)
    other = np.array([ord(character) for character in b])
    steps = np.arange(len(b) + 1)
    row = steps.copy()
    for number, character in enumerate(a, 1):
        change = row[:-1] + (other != ord(character))
        best = np.concatenate(([number], np.minimum(row[1:] + 1, change)))
        row = np.minimum.accumulate(best - steps) + steps
    return float(row[-1]) / max(len(a), len(b))


def pages(folder: Path, count: int, *, vertical: bool = False) -> Iterator[DrawnPage]:
    """Yield pages with some articles each, with 2 to 7 columns."""
    issues = [json.loads(line) for line in (folder / "gold.jsonl").open(encoding="utf-8")]
    articles = [
        article
        for issue in issues
        for article in issue["articles"]
        if len(article["pages"]) == 1 and _SHORTEST <= len("".join(article["body"])) <= _LONGEST
    ]
    at = 0
    for number in range(count):
        page = draw_page(articles[at : at + 8], 2 + number % 6, vertical=vertical, seed=number)
        at = (at + max(1, len(page.articles))) % max(1, len(articles) - 8)
        yield page


def gold_box(page: DrawnPage, article: int, angle: float) -> Box:
    """The box around an article, in fractions of a page that was rotated about its centre."""
    turn = math.radians(-angle)
    corners = [
        (x - page.width / 2, y - page.height / 2)
        for left, top, right, bottom in page.boxes(article)
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    across = [(x * math.cos(turn) - y * math.sin(turn)) / page.width + 0.5 for x, y in corners]
    down = [(x * math.sin(turn) + y * math.cos(turn)) / page.height + 0.5 for x, y in corners]
    return Box(min(across), min(down), max(across), max(down))


def overlap_of(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    both = Box(max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom))
    shared = both.area if both.right > both.left and both.bottom > both.top else 0.0
    return shared / (a.area + b.area - shared)


class Tally:
    """Counts of what was found on pages of one kind."""

    def __init__(self) -> None:
        self.gold = self.parsed = self.found = self.titles = self.pages = 0
        self.distances: list[float] = []
        self.overlaps: list[float] = []
        self.seconds = 0.0

    def add(self, page: DrawnPage, parsed: Sequence[Article], angle: float, seconds: float) -> list[str]:
        """Count one page; returns the headlines that were not found."""
        self.pages += 1
        self.seconds += seconds
        self.gold += len(page.articles)
        self.parsed += len(parsed)
        left, missed = list(parsed), []
        for number, article in enumerate(page.articles):
            body = bare("".join(article["body"]))
            best = max(left, key=lambda found: overlap(bare(found.body), body), default=None)
            if best is None or overlap(bare(best.body), body) < _FOUND:
                missed.append(f"{article['title']} <- {best.title if best else None}")
                continue
            left.remove(best)
            self.found += 1
            self.titles += bare(best.title) == bare(article["title"])
            self.distances.append(edit_distance(bare(best.body), body))
            placed = areas(best.regions)
            self.overlaps.append(overlap_of(placed[0].box, gold_box(page, number, angle)) if placed else 0.0)
        return missed

    def result(self) -> dict[str, float]:
        """The scores of all pages."""
        recall, precision = self.found / max(1, self.gold), self.found / max(1, self.parsed)
        return {
            "pages": self.pages,
            "articles": self.gold,
            "articles_f1": 2 * recall * precision / max(1e-9, recall + precision),
            "headline_exact": self.titles / max(1, self.found),
            "edit_distance": float(np.mean(self.distances or [1.0])),
            "region_iou": float(np.mean(self.overlaps or [0.0])),
            "seconds_a_page": self.seconds / max(1, self.pages),
        }


def measure(
    drawn: Sequence[DrawnPage], folder: Path, kind: str, dpi: int, show: bool, recognised: Path | None = None
) -> dict[str, float]:
    """Write each page, read it and score it. ``kind``: pdf, mets, clean or worn."""
    tally = Tally()
    for number, page in enumerate(drawn):
        path, angle = folder / f"{kind}-{dpi}-{number}{'.pdf' if kind == 'pdf' else '.png'}", 0.0
        if kind == "pdf":
            write_pdf(page, path)
        elif kind == "mets":
            path = write_mets(page, folder / f"{'v' if page.vertical else 'h'}{number}")
        else:
            image, angle = picture(page, dpi, worn=kind == "worn", seed=number)
            image.save(path)
        started = time.perf_counter()
        articles = read_issue([(path, path.name)], recognised=recognised).articles
        missed = tally.add(page, articles, angle, time.perf_counter() - started)
        if show and missed:
            print(path.name, "NOT FOUND", "; ".join(missed))
    return tally.result()


def main() -> None:
    """Measure, print, and save the results."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    options.add_argument("--pdf", type=int, default=18, help="pages with a text layer, and as many vertical ones")
    options.add_argument("--scans", type=int, default=1, help="pages to recognise, per kind")
    options.add_argument("--dpi", type=int, nargs="+", default=[150])
    options.add_argument("--show", action="store_true")
    options.add_argument("--recognised", type=Path, help="file that stores recognition results for the next run")
    given = options.parse_args()
    folder = given.data / "eval" / "pages_dev"
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        for vertical in (False, True):
            name = "vertical" if vertical else "horizontal"
            plan = [("pdf", given.pdf, 72), ("mets", given.pdf, 72)]
            plan += [(kind, given.scans, dpi) for kind in ("clean", "worn") for dpi in given.dpi]
            for kind, count, dpi in plan:
                if not count:
                    continue
                drawn = list(pages(folder, count, vertical=vertical))
                key = f"{kind} {name}" if dpi == 72 else f"{kind} {name} {dpi} dpi"
                results[key] = measure(drawn, Path(place), kind, dpi, given.show, given.recognised)
                print(key, " ".join(f"{what}={value:.3f}" for what, value in results[key].items()), flush=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
