"""Drawn pages in libraries' formats: METS with ALTO, which says what each article is; PAGE and hOCR, which do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from .drawn_pages import BODY_SIZE, CAPTION_SIZE, Box, DrawnPage, Run

_SCALE = 10  # ALTO uses integers: tenths of a point
_XLINK = "http://www.w3.org/1999/xlink"


def write_mets(page: DrawnPage, folder: Path) -> Path:
    """Write the page's ALTO file and the METS file that names it; returns the METS file."""
    folder.mkdir(parents=True)
    blocks: list[str] = []
    articles: list[str] = []
    for number, article in enumerate(page.articles):
        divs = ""
        for part, runs in _parts(page, number):
            blocks.append(_block(page, f"B{len(blocks)}", runs))
            area = f'<area BETYPE="IDREF" BEGIN="B{len(blocks) - 1}" FILEID="A1"/>'
            divs += f'<div TYPE="{part}"><fptr>{area}</fptr></div>'
        articles.append(f'<div TYPE="ARTICLE" LABEL={quoteattr(article["title"])}>{divs}</div>')
    size = f'WIDTH="{round(page.width * _SCALE)}" HEIGHT="{round(page.height * _SCALE)}"'
    (folder / "p1.xml").write_text(
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Layout>'
        f'<Page ID="P1" {size}><PrintSpace>{"".join(blocks)}</PrintSpace></Page></Layout></alto>',
        encoding="utf-8",
    )
    path = folder / "mets.xml"
    path.write_text(
        f'<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="{_XLINK}"><fileSec><fileGrp><file ID="A1">'
        '<FLocat LOCTYPE="URL" xlink:href="p1.xml"/></file></fileGrp></fileSec><structMap TYPE="PHYSICAL">'
        '<div TYPE="PAGE" ORDER="3"><fptr><area FILEID="A1"/></fptr></div></structMap>'
        f'<structMap TYPE="LOGICAL">{"".join(articles)}</structMap></mets>',
        encoding="utf-8",
    )
    return path


def write_page(page: DrawnPage, path: Path) -> None:
    """Write the page as PAGE XML: its regions in reading order, with their types."""
    kinds = {"TEXT": "paragraph", "CAPTION": "caption"}
    regions = ""
    for number, (part, runs) in enumerate(_all_parts(page)):
        lines = "".join(
            f"<TextLine>{_coords([page.box(run)])}<TextEquiv><Unicode>{escape(run.text)}</Unicode></TextEquiv></TextLine>"
            for run in runs
        )
        kind = kinds.get(part, "heading")
        regions += f'<TextRegion id="r{number}" type="{kind}">{_coords(map(page.box, runs))}{lines}</TextRegion>'
    size = f'imageWidth="{round(page.width * _SCALE)}" imageHeight="{round(page.height * _SCALE)}"'
    path.write_text(f'<PcGts><Page imageFilename="1.tif" {size}>{regions}</Page></PcGts>', encoding="utf-8")


def write_hocr(page: DrawnPage, path: Path) -> None:
    """Write the page as hOCR: its lines in reading order, with the sizes of their type."""
    areas = ""
    for part, runs in _all_parts(page):
        kind = "ocr_caption" if part == "CAPTION" else "ocr_line"
        lines = "".join(
            f"<span class='{kind}' title='{_bbox([page.box(run)])}; x_size {round(run.size * _SCALE)}'>"
            f"{escape(run.text)}</span>"
            for run in runs
        )
        areas += f"<div class='ocr_carea' title='{_bbox(map(page.box, runs))}'>{lines}</div>"
    whole = f"bbox 0 0 {round(page.width * _SCALE)} {round(page.height * _SCALE)}"
    path.write_text(
        f"<html><head><meta charset='utf-8'><meta name='ocr-system' content='drawn'></head><body>"
        f"<div class='ocr_page' title='image \"1.tif\"; {whole}'>{areas}</div></body></html>",
        encoding="utf-8",
    )


def _all_parts(page: DrawnPage) -> Iterator[tuple[str, list[Run]]]:
    for number in range(len(page.articles)):
        yield from _parts(page, number)


def _hull(boxes: Iterable[Box]) -> tuple[int, ...]:
    sides = list(zip(*boxes, strict=True))
    return tuple(round(_SCALE * pick(side)) for pick, side in zip((min, min, max, max), sides, strict=True))


def _bbox(boxes: Iterable[Box]) -> str:
    return "bbox " + " ".join(map(str, _hull(boxes)))


def _coords(boxes: Iterable[Box]) -> str:
    left, top, right, bottom = _hull(boxes)
    return f'<Coords points="{left},{top} {right},{top} {right},{bottom} {left},{bottom}"/>'


def _parts(page: DrawnPage, number: int) -> Iterator[tuple[str, list[Run]]]:
    """Yield an article's runs grouped by part, the body column by column."""
    article, column = page.articles[number], 0
    left = {kind: len(article[name]) for kind, name in (("KICKER", "kicker"), ("TITLE", "title"))}
    kinds: list[tuple[str, int]] = []
    before = 0.0
    runs = [run for run in page.runs if run.article == number]
    for run in runs:
        place = -run.left if page.vertical else run.top
        if run.size in (BODY_SIZE, CAPTION_SIZE):
            column += place < before
            kinds.append(("TEXT" if run.size == BODY_SIZE else "CAPTION", column))
            before = place if run.size == BODY_SIZE else before
            continue
        kind = next((kind for kind, count in left.items() if count > 0), "SUBTITLE")
        left[kind] = left.get(kind, 0) - len(run.text)
        kinds.append((kind, 0))
    for (kind, _), group in groupby(zip(kinds, runs, strict=True), key=lambda item: item[0]):
        yield kind, [run for _, run in group]


def _block(page: DrawnPage, name: str, runs: list[Run]) -> str:
    lines = "".join(f"<TextLine {_place(page.box(run))}>{_string(page, run)}</TextLine>" for run in runs)
    return f'<TextBlock ID="{name}">{lines}</TextBlock>'


def _string(page: DrawnPage, run: Run) -> str:
    return f'<String CONTENT={quoteattr(run.text)} WC="0.95" {_place(page.box(run))}/>'


def _place(box: Box) -> str:
    left, top, right, bottom = (round(side * _SCALE) for side in box)
    return f'HPOS="{left}" VPOS="{top}" WIDTH="{right - left}" HEIGHT="{bottom - top}"'
