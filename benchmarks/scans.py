"""How well pictures, PDFs and libraries' files of pages are read: ``python -m benchmarks.scans DATA``.

Pages are drawn from the articles of pages_dev, with 2 to 7 columns, horizontal and vertical. Recognition is slow: each
page's scores are kept in a journal as soon as it is read, and the next run goes on from there.
"""

from __future__ import annotations

import argparse
import json
import math
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index.article import Article
from index.reading import READER_VERSION, read_issue
from index.reading.scanning.recogniser import VERSION
from index.regions import Box, areas

from .drawn_pages import DrawnPage, draw_page, traditional, write_pdf
from .library_pages import write_hocr, write_mets, write_page
from .parse import bare, overlap
from .printed_pages import KINDS, Matrix, placed, printed

RESULTS = Path(__file__).parent / "results" / "scans.json"
TEXTS = ("pdf", "mets", "page", "hocr")
_SUFFIXES = {"clean": "png", "worn": "png", "photo": "jpg", "page": "xml"}
_READER = f"{VERSION}; {READER_VERSION}"
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


def gold_box(page: DrawnPage, article: int, place: Matrix) -> Box:
    """The box around an article, in fractions of a picture on which the page lies at ``place``."""
    corners = [
        (x / page.width, y / page.height)
        for left, top, right, bottom in page.boxes(article)
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    on_picture = placed(np.array(corners), place)
    return Box(*on_picture.min(axis=0).tolist(), *on_picture.max(axis=0).tolist())


def overlap_of(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    both = Box(max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom))
    shared = both.area if both.right > both.left and both.bottom > both.top else 0.0
    return shared / (a.area + b.area - shared)


@dataclass
class Scores:
    """What was found on one page, or on several.

    ``missed``: the headlines of articles that were not found; ``seconds`` and ``core_seconds``: by the clock, and of
    all cores, of those pages whose recognition was not already stored.
    """

    pages: int = 0
    gold: int = 0
    parsed: int = 0
    found: int = 0
    titles: int = 0
    distances: list[float] = field(default_factory=list)
    overlaps: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    core_seconds: list[float] = field(default_factory=list)

    def __add__(self, other: Scores) -> Scores:
        return Scores(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def result(self) -> dict[str, float]:
        """The scores in one number each."""
        recall, precision = self.found / max(1, self.gold), self.found / max(1, self.parsed)
        return {
            "pages": self.pages,
            "articles": self.gold,
            "articles_f1": 2 * recall * precision / max(1e-9, recall + precision),
            "headline_exact": self.titles / max(1, self.found),
            "edit_distance": float(np.mean(self.distances or [1.0])),
            "region_iou": float(np.mean(self.overlaps or [0.0])),
            **({"seconds_a_page": float(np.mean(self.seconds))} if self.seconds else {}),
            **({"core_seconds_a_page": float(np.mean(self.core_seconds))} if self.core_seconds else {}),
        }


def scored(page: DrawnPage, parsed: Sequence[Article], place: Matrix) -> Scores:
    """What was found of one page."""
    scores = Scores(1, len(page.articles), len(parsed))
    left = list(parsed)
    for number, article in enumerate(page.articles):
        body = bare("".join(article["body"]))
        best = max(left, key=lambda found: overlap(bare(found.body), body), default=None)
        if best is None or overlap(bare(best.body), body) < _FOUND:
            scores.missed.append(f"{article['title']} <- {best.title if best else None}")
            continue
        left.remove(best)
        scores.found += 1
        scores.titles += bare(best.title) == bare(article["title"])
        scores.distances.append(edit_distance(bare(best.body), body))
        on_page = areas(best.regions)
        scores.overlaps.append(overlap_of(on_page[0].box, gold_box(page, number, place)) if on_page else 0.0)
    return scores


@dataclass(frozen=True)
class Cell:
    """One kind of page. ``dpi``: 0 for kinds that are not pictures."""

    kind: str
    vertical: bool
    dpi: int = 0
    traditional: bool = False

    def __str__(self) -> str:
        words = [self.kind, "vertical" if self.vertical else "horizontal"]
        words += [f"{self.dpi} dpi"] if self.dpi else []
        return " ".join([*words, "traditional"] if self.traditional else words)


def measure(cell: Cell, page: DrawnPage, number: int, folder: Path, recognised: Path) -> Scores:
    """Write a page, read it and score it."""
    page = traditional(page) if cell.traditional else page
    path, place = folder / f"{number}.{_SUFFIXES.get(cell.kind, cell.kind)}", np.eye(3)
    if cell.kind in KINDS:
        image, place = printed(page, cell.kind, cell.dpi, number)
        image.save(path, quality=75)
    elif cell.kind == "mets":
        path = write_mets(page, folder / "mets")
    else:
        {"pdf": write_pdf, "page": write_page, "hocr": write_hocr}[cell.kind](page, path)
    before, started, of_cores = _stored(recognised), time.perf_counter(), time.process_time()
    articles = read_issue([(path, path.name)], recognised=recognised).articles
    seconds, of_cores = time.perf_counter() - started, time.process_time() - of_cores
    scores = scored(page, articles, place)
    if not cell.dpi or _stored(recognised) > before:
        scores.seconds, scores.core_seconds = [seconds], [of_cores]
    return scores


def _stored(recognised: Path) -> int:
    if not recognised.exists():
        return 0
    with closing(sqlite3.connect(recognised)) as database:
        return int(database.execute("SELECT count(*) FROM recognised").fetchone()[0])


class Journal:
    """The scores of pages, one a line, so that a run that was interrupted goes on; other readers' are ignored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def pages(self) -> dict[tuple[str, int], Scores]:
        """The scores by kind and page."""
        if not self._path.exists():
            return {}
        rows = [json.loads(line) for line in self._path.open(encoding="utf-8") if line.endswith("\n")]
        return {(row["kind"], row["page"]): Scores(**row["scores"]) for row in rows if row["reader"] == _READER}

    def add(self, cell: Cell, number: int, scores: Scores) -> None:
        """Keep a page's scores."""
        row = {"kind": str(cell), "page": number, "reader": _READER, "scores": vars(scores)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def results(self) -> dict[str, dict[str, float]]:
        """The scores of each kind."""
        sums: dict[str, Scores] = {}
        for (kind, _), scores in sorted(self.pages().items()):
            sums[kind] = sums.get(kind, Scores()) + scores
        return {kind: scores.result() for kind, scores in sums.items()}


def plan(given: argparse.Namespace) -> Iterator[tuple[int, Cell]]:
    """Yield the pages to read, one of each kind in turn, so that an interrupted run has some of all."""
    ways = [way == "vertical" for way in given.ways]
    cells = [(given.pdf, Cell(kind, way)) for kind in given.kinds if kind in TEXTS for way in ways]
    for script in given.scripts:
        for kind in (kind for kind in given.kinds if kind in KINDS):
            cells += [(given.scans, Cell(kind, way, dpi, script == "traditional")) for dpi in given.dpi for way in ways]
    for number in range(max((count for count, _ in cells), default=0)):
        yield from ((number, cell) for count, cell in cells if number < count)


def options() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pdf", type=int, default=18, help="pages of each kind that is text: pdf, mets, page, hocr")
    parser.add_argument(
        "--scans", type=int, default=6, help="pages of each kind of picture: one for 2 to 7 columns each"
    )
    parser.add_argument("--kinds", nargs="+", choices=[*TEXTS, *KINDS], default=[*TEXTS, *KINDS])
    parser.add_argument("--ways", nargs="+", choices=["horizontal", "vertical"], default=["horizontal", "vertical"])
    parser.add_argument("--scripts", nargs="+", choices=["simplified", "traditional"], default=["simplified"])
    parser.add_argument("--dpi", type=int, nargs="+", default=[150, 300], choices=range(100, 601), metavar="DPI")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no page after that; 0 reports alone")
    parser.add_argument("--again", action="store_true", help="score all pages again, with recognition that is stored")
    parser.add_argument("--journal", type=Path, default=Path("data/bench/scans.jsonl"))
    parser.add_argument("--recognised", type=Path, default=Path("data/bench/recognised.sqlite"))
    return parser


def main() -> None:
    """Read the pages that are not in the journal, report each, and save the scores of all."""
    given = options().parse_args()
    folder, journal, until = (
        given.data / "eval" / "pages_dev",
        Journal(given.journal),
        time.monotonic() + 60 * given.minutes,
    )
    drawn = {way: list(pages(folder, max(given.pdf, given.scans), vertical=way)) for way in (False, True)}
    scored_now: set[tuple[str, int]] = set()
    for number, cell in plan(given):
        if time.monotonic() >= until:
            break
        if (str(cell), number) in (scored_now if given.again else journal.pages()):
            continue
        with tempfile.TemporaryDirectory() as place:
            scores = measure(cell, drawn[cell.vertical][number], number, Path(place), given.recognised)
        journal.add(cell, number, scores)
        scored_now.add((str(cell), number))
        print(f"{cell}, page {number + 1}:", _line(scores.result()), "NOT FOUND " * bool(scores.missed), *scores.missed)
        sys.stdout.flush()
    results = journal.results()
    for kind, result in results.items():
        print(f"{kind}:", _line(result))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _line(result: dict[str, float]) -> str:
    return " ".join(f"{what}={value:.3f}" if value % 1 else f"{what}={value:.0f}" for what, value in result.items())


if __name__ == "__main__":
    main()
