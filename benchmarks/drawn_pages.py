"""Newspaper pages drawn from articles, as pictures and as PDFs, with the positions of all their parts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 780.0, 1100.0  # points
_MARGIN, _GUTTER, _ROW_GAP = 36.0, 16.0, 22.0
BODY_SIZE, CAPTION_SIZE, _LEADING = 9.0, 8.0, 13.0
_PHOTO = 96.0
_MASTHEAD = "江州日报 2025年4月18日 星期五 第3版 要闻"
_FONTS = Path("/usr/share/fonts")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Run:
    """A line of text with its upper left corner; ``article``: the index of its article on the page, or -1."""

    left: float
    top: float
    size: float
    text: str
    article: int = -1


@dataclass
class DrawnPage:
    """A page, in points from the upper left. ``vertical``: its lines are vertical."""

    articles: list[dict[str, Any]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    photos: list[Box] = field(default_factory=list)
    width: float = WIDTH
    height: float = HEIGHT
    vertical: bool = False

    def boxes(self, article: int) -> list[Box]:
        """The boxes of an article's lines."""
        return [self.box(run) for run in self.runs if run.article == article]

    def box(self, run: Run) -> Box:
        """The box of a line."""
        if self.vertical:
            return run.left, run.top, run.left + run.size, run.top + run.size * len(run.text)
        return run.left, run.top, run.left + run.size * _ems(run.text), run.top + run.size


def _ems(text: str) -> float:
    return sum(1.0 if character >= "\u2000" else 0.55 for character in text)


def draw_page(
    articles: Sequence[dict[str, Any]],
    columns: int,
    *,
    vertical: bool = False,
    seed: int = 0,
    masthead: str = _MASTHEAD,
) -> DrawnPage:
    """Lay out articles in rows of one or two, each in some of the page's columns, as many as fit."""
    chance = random.Random(seed)
    width, height = (HEIGHT, WIDTH) if vertical else (WIDTH, HEIGHT)
    page = DrawnPage(width=width, height=height)
    page.runs.append(Run(_MARGIN, _MARGIN - 14, 10, masthead))
    top = _MARGIN + 8
    waiting = list(articles)
    while waiting:
        parts = [columns] if columns < 2 or len(waiting) < 2 or chance.random() < 0.4 else _split(columns)
        module = replace(page, articles=[*page.articles], runs=[*page.runs], rules=[*page.rules], photos=[*page.photos])
        bottom, left = top, _MARGIN
        column = (width - 2 * _MARGIN - (columns - 1) * _GUTTER) / columns
        for part, article in zip(parts, waiting, strict=False):
            end = _Module(module, article, left, top, part, column, vertical).draw(photo=chance.random() < 0.3)
            bottom = max(bottom, end)
            left += part * (column + _GUTTER)
        if bottom > height - _MARGIN:
            break
        page = module
        page.rules.append((_MARGIN, bottom + _ROW_GAP / 2, width - _MARGIN, bottom + _ROW_GAP / 2))
        waiting = waiting[len(parts) :]
        top = bottom + _ROW_GAP
    return turned(page) if vertical else page


def _split(columns: int) -> list[int]:
    return [columns // 2, columns - columns // 2]


class _Module:
    """One article in a rectangle of the page."""

    def __init__(
        self, page: DrawnPage, article: dict[str, Any], left: float, top: float, columns: int, column: float, full: bool
    ) -> None:
        self.page = page
        self.article = article
        self.left, self.top, self.columns, self.column = left, top, columns, column
        self.full = full  # every character fills a whole cell
        self.width = columns * column + (columns - 1) * _GUTTER
        self.number = len(page.articles)
        page.articles.append(article)

    def draw(self, *, photo: bool) -> float:
        """Draw the article and return the position of its end."""
        self._heading(self.article["kicker"], (13,), 4)
        self._heading(self.article["title"], (30, 26, 22, 18, 16), 8)
        self._heading(self.article["subtitle"], (14,), 6)
        if photo:
            self.page.photos.append((self.left, self.top, self.left + self.width, self.top + _PHOTO))
            self.top += _PHOTO + 4
            self._line(self.left, CAPTION_SIZE, f"{self.article['title'][:6]}现场。林砚秋 摄")
            self.top += 16
        lines = list(self._lines())
        most = -(-len(lines) // self.columns)
        for at, (indent, text) in enumerate(lines):
            place, row = divmod(at, most)
            left = self.left + place * (self.column + _GUTTER) + indent
            self._line(left, BODY_SIZE, text, self.top + row * _LEADING)
        return self.top + most * _LEADING

    def _heading(self, text: str, sizes: Sequence[int], after: float) -> None:
        size = next((size for size in sizes if size * len(text) <= self.width), sizes[-1])
        for part in _wrapped(text, self.width / size, full=True):
            self._line(self.left, size, part)
            self.top += size * 1.25
        self.top += after if text else 0

    def _lines(self) -> Iterator[tuple[float, str]]:
        fits = self.column / BODY_SIZE
        for number, paragraph in enumerate(self.article["body"]):
            names = " ".join(self.article["reporters"])
            opening = f"本报讯（记者 {names}）" if number == 0 and names else ""
            first, *rest = _wrapped(opening + paragraph, fits, self.full, first=fits - 2)
            yield 2 * BODY_SIZE, first
            yield from ((0.0, line) for line in rest)

    def _line(self, left: float, size: float, text: str, top: float | None = None) -> None:
        self.page.runs.append(Run(left, self.top if top is None else top, size, text, self.number))


def _wrapped(text: str, fits: float, full: bool, first: float | None = None) -> list[str]:
    lines = [""]
    room = fits if first is None else first
    for character in text:
        used = len(lines[-1]) + 1 if full else _ems(lines[-1] + character)
        if used > room and lines[-1]:
            lines.append("")
            room = fits
        lines[-1] += character
    return [line for line in lines if line]


def turned(page: DrawnPage) -> DrawnPage:
    """Turn a page of horizontal lines into one of vertical lines, from right to left."""

    def box(sides: Box) -> Box:
        left, top, right, bottom = sides
        return page.height - bottom, left, page.height - top, right

    runs = [Run(page.height - run.top - run.size, run.left, run.size, run.text, run.article) for run in page.runs]
    rules, photos = [box(rule) for rule in page.rules], [box(photo) for photo in page.photos]
    return DrawnPage(page.articles, runs, rules, photos, page.height, page.width, vertical=True)


def write_pdf(page: DrawnPage, path: Path) -> None:
    """Write the page as a PDF with a text layer."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), pagesize=(page.width, page.height))
    for left, top, right, bottom in page.rules:
        canvas.line(left, page.height - top, right, page.height - bottom)
    for left, top, right, bottom in page.photos:
        canvas.rect(left, page.height - bottom, right - left, bottom - top)
    for run in page.runs:
        canvas.setFont("STSong-Light", run.size)
        for left, top, text in _pieces(page, run):
            canvas.drawString(left, page.height - top - 0.88 * run.size, text)
    canvas.save()


def _pieces(page: DrawnPage, run: Run) -> Iterator[tuple[float, float, str]]:
    if page.vertical:
        yield from ((run.left, run.top + run.size * at, character) for at, character in enumerate(run.text))
    else:
        yield run.left, run.top, run.text


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    found = sorted(_FONTS.rglob("NotoSerifCJK-Regular.ttc")) or sorted(_FONTS.rglob("*CJK*Regular*"))
    if not found:
        raise FileNotFoundError("no Chinese font to draw pages with (Debian: fonts-noto-cjk)")
    return ImageFont.truetype(str(found[0]), size, index=2)


def picture(page: DrawnPage, dpi: int) -> Any:
    """The page as a clean grey picture."""
    import numpy as np
    from PIL import Image, ImageDraw

    scale = dpi / 72
    drawn = Image.new("L", (round(page.width * scale), round(page.height * scale)), 250)
    pen = ImageDraw.Draw(drawn)
    for rule in page.rules:
        pen.line([side * scale for side in rule], fill=60, width=max(1, round(scale)))
    chance = np.random.default_rng(0)
    for left, top, right, bottom in page.photos:
        size = (round((right - left) * scale), round((bottom - top) * scale))
        grain = chance.integers(60, 200, (max(1, size[1] // 24), max(1, size[0] // 24)), dtype=np.uint8)
        drawn.paste(Image.fromarray(grain).resize(size), (round(left * scale), round(top * scale)))
    for run in page.runs:
        for left, top, text in _pieces(page, run):
            pen.text((left * scale, (top - 0.2 * run.size) * scale), text, font=_font(round(run.size * scale)), fill=20)
    return drawn


def traditional(page: DrawnPage) -> DrawnPage:
    """The page in traditional characters."""
    from opencc import OpenCC

    convert = OpenCC("s2t").convert

    def converted(value: Any) -> Any:
        if isinstance(value, list):
            return [converted(item) for item in value]
        return convert(value) if isinstance(value, str) else value

    runs = [replace(run, text=convert(run.text)) for run in page.runs]
    articles = [{name: converted(value) for name, value in article.items()} for article in page.articles]
    return replace(page, runs=runs, articles=articles)
