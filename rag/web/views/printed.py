"""The printed page: its picture with outlines of articles and cited lines, its initial view, and clippings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import NamedTuple

from index.article import Article
from index.regions import Box, Point, Region, around
from index.shapes import shape
from index.storage.catalogue import Catalogue
from index.storage.pages import Leaf
from rag.search.exports import reference

from ..rendering.places import ArticlePlace, article_places
from ..rendering.render import Renderer

CLOSEST = 8.0  # times the whole page
_ROOM = 0.02  # margin around a view or a clipping, as a fraction of the page
_DIGITS = 4  # decimals of a fraction
_PAGE = Box(0.0, 0.0, 1.0, 1.0)


class View(NamedTuple):
    """The visible part of a page: its magnification, and its centre in fractions of the page."""

    zoom: float
    x: float
    y: float


@dataclass(frozen=True)
class Outline:
    """The outline of an article on the page, a link that opens it.

    ``current``: this article is being read; ``corners``: in fractions of the page, if it is not a rectangle.
    """

    article: Article
    box: Box
    current: bool
    corners: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Printed:
    """A printed page as it is shown.

    ``number``: the page's index in its issue, from 0; ``page``: its number in the newspaper; ``others``: articles on
    it whose source gives no places; ``marked``: the cited lines. ``clip``: the clipping of the current article in
    pixels (left, top, width, height), None if the article is not on the page; ``clipped``: if the clipping is not a
    rectangle, its corners in pixels from the left and the top.
    """

    leaf: Leaf
    number: int
    last: int
    page: int | None
    outlines: tuple[Outline, ...]
    others: tuple[Article, ...]
    marked: tuple[Box, ...]
    view: View
    clip: tuple[int, int, int, int] | None
    clipped: tuple[int, ...] = ()


def page_view(
    render: Renderer,
    catalogue: Catalogue,
    identity: str,
    start: int | None = None,
    end: int | None = None,
    number: int | None = None,
) -> str | None:
    """Return the page with an article, or page ``number`` of its issue; None if no picture is stored."""
    article = catalogue.article(identity)
    page = printed(catalogue, identity, start, end, number)
    if article is None or page is None:
        return None
    values = {"article": article, "start": start, "end": end, "reference": reference(article)}
    return _shown(render, page, article.date or "", partial(render.page_url, identity, start, end), **values)


def issue_page_view(render: Renderer, catalogue: Catalogue, date: str, number: int) -> str | None:
    """Return page ``number`` of an issue, from 0, with its articles as links; None if no picture is stored."""
    page = _sheet(catalogue, catalogue.issue_leaves(date), number)
    return _shown(render, page, date, partial(render.issue_page_url, date)) if page else None


def issue_sheets(catalogue: Catalogue, date: str) -> list[Printed]:
    """Return every page of an issue that has a picture, with no article being read."""
    leaves = catalogue.issue_leaves(date)
    return [page for number in range(len(leaves)) if (page := _sheet(catalogue, leaves, number))]


def _shown(render: Renderer, page: Printed, date: str, turn_url: Callable[[int], str], **values: object) -> str:
    """The page as HTML; ``turn_url`` returns the URL of a page by its number."""
    name = page_name(render, page.leaf.paper, date, page.page)
    return render.render("printed.html", page=page, date=date, name=name, turn_url=turn_url, closest=CLOSEST, **values)


def page_name(render: Renderer, paper: str, date: str, page: int | None) -> str:
    """Return the name of a page: newspaper, date and number."""
    pages = [] if page is None else [page]
    return " ".join(render.place({"paper": paper, "date": date, "pages": pages, "section": ""}))


def printed(
    catalogue: Catalogue, identity: str, start: int | None = None, end: int | None = None, number: int | None = None
) -> Printed | None:
    """Return page ``number`` of an article's issue; None: the page with the article or its cited lines."""
    leaves = catalogue.leaves(identity)
    places = article_places(catalogue, identity, start, end) or []
    return _sheet(catalogue, leaves, first_page(leaves, places) if number is None else number, identity, places)


def _sheet(
    catalogue: Catalogue, leaves: Sequence[Leaf], number: int, identity: str = "", places: Sequence[ArticlePlace] = ()
) -> Printed | None:
    """A page by its index; ``identity``: the article being read, which is at ``places``."""
    if not 0 <= number < len(leaves):
        return None
    leaf = leaves[number]
    here = next((place for place in places if place.picture == leaf.picture), None)
    area = here.area if here else None
    articles = [article for article in map(catalogue.article, leaf.articles) if article]
    outlines = _outlines(catalogue, leaf, articles, identity)
    drawn = {outline.article.id for outline in outlines}
    size = leaf.picture.width, leaf.picture.height
    return Printed(
        leaf,
        number,
        len(leaves) - 1,
        here.page if here else leaf.page,
        outlines,
        tuple(article for article in articles if article.id not in drawn),
        here.marked if here else (),
        framed(area),
        clip_of(area or _PAGE, *size) if here else None,
        tuple(round(side * size[at % 2]) for at, side in enumerate(chain(*_cut_along(outlines)))),
    )


def first_page(leaves: Sequence[Leaf], places: Sequence[ArticlePlace]) -> int:
    """Return the number of the page with most cited lines, or the first with the article; -1 if there is none."""
    pictures = [leaf.picture for leaf in leaves]
    shown = [place for place in places if place.picture in pictures]
    if not shown:
        return -1
    best = max(shown, key=lambda place: len(place.marked))
    return pictures.index(best.picture) if best.picture else -1


def framed(area: Box | None) -> View:
    """Return the closest view that shows a whole area and nothing outside the page."""
    if area is None:
        return View(1.0, 0.5, 0.5)
    longest = max(area.right - area.left, area.bottom - area.top) + 2 * _ROOM
    zoom = min(max(1.0, 1 / longest), CLOSEST)
    half = 0.5 / zoom
    x, y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    return View(*(round(value, _DIGITS) for value in (zoom, _within(x, half), _within(y, half))))


def clip_of(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Return a box with a small margin in a picture's pixels: left, top, width, height."""
    left, top = (int(max(0.0, side - _ROOM / 2) * size) for side, size in ((box.left, width), (box.top, height)))
    right, bottom = (
        round(min(1.0, side + _ROOM / 2) * size) for side, size in ((box.right, width), (box.bottom, height))
    )
    return left, top, max(1, right - left), max(1, bottom - top)


def _within(middle: float, half: float) -> float:
    return min(max(middle, half), 1 - half)


def _cut_along(outlines: Sequence[Outline]) -> tuple[Point, ...]:
    return next((outline.corners for outline in outlines if outline.current), ())


def _outlines(catalogue: Catalogue, leaf: Leaf, articles: Sequence[Article], identity: str) -> tuple[Outline, ...]:
    """The outlines, large ones first, so that those inside them can be clicked."""
    sheet = (leaf.picture.source, leaf.picture.name, leaf.picture.sheet)
    placed: list[tuple[Article, list[Region]]] = []
    for article in articles:
        regions = catalogue.regions(article.id)
        held = [one for one in regions if (one.source, one.sheet.image, one.sheet.number) == sheet]
        placed.append((article, held))
    found = []
    for article, held in placed:
        if box := around(one.box for one in held):
            others = [one.box for other, theirs in placed if other is not article for one in theirs]
            found.append(Outline(article, box, article.id == identity, shape(held, others)))
    return tuple(sorted(found, key=lambda outline: -outline.box.area))
