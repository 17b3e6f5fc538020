"""The places of an article and of cited lines on the pages' pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from index.regions import Box, Region, areas
from index.storage.catalogue import Catalogue
from index.storage.pages import PagePicture
from index.storage.store import Filter, Store
from index.types import JsonObject

_DIGITS = 5  # decimals of a fraction


@dataclass(frozen=True)
class ArticlePlace:
    """The place of an article on one page.

    ``picture`` is None if none is stored; ``width`` and ``height`` are in pixels; ``area`` is None if the source gives
    no places; ``marked`` are the lines that contain cited characters. Boxes are fractions of the page.
    """

    page: int | None
    picture: PagePicture | None
    width: int
    height: int
    area: Box | None = None
    regions: tuple[Region, ...] = ()
    marked: tuple[Box, ...] = ()

    def as_dict(self) -> JsonObject:
        """Return the fields as JSON values."""
        return {
            "page": self.page,
            "image": self.picture.image if self.picture else None,
            "width": self.width,
            "height": self.height,
            "area": _sides(self.area) if self.area else None,
            "regions": [_region(region) for region in self.regions],
            "marked": [_sides(box) for box in self.marked],
        }


@dataclass(frozen=True)
class SmallPage:
    """A thumbnail of an article's page: its picture, and the article's area, or None if that is unknown."""

    picture: PagePicture
    area: Box | None


class Nearby:
    """What the archive has in addition to a stored answer; ``store`` returns its current snapshot."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def page(self, identity: str, start: int, end: int) -> SmallPage | None:
        """Return the page with most lines of ``body[start:end]``; None if no picture is stored."""
        catalogue = self._store().catalogue
        if not catalogue.pictures(identity):
            return None
        pictured = [place for place in article_places(catalogue, identity, start, end) or () if place.picture]
        best = max(pictured, key=lambda place: len(place.marked), default=None)
        return SmallPage(best.picture, best.area) if best and best.picture else None

    def issues_near(self, since: str | None, until: str | None) -> list[str]:
        """Return the ISO dates of the issues before and after a period; empty if no period is given."""
        if not (since or until):
            return []
        return [date for date in self._store().nearest(Filter(since=since, until=until)) if date]


def article_places(
    catalogue: Catalogue, identity: str, start: int | None = None, end: int | None = None
) -> list[ArticlePlace] | None:
    """Return an article's places, page by page, with the lines of ``body[start:end]``; None without such an article."""
    article = catalogue.article(identity)
    if article is None:
        return None
    pictures = {(kept.source, kept.name, kept.sheet): kept for kept in catalogue.pictures(identity)}
    regions = catalogue.regions(identity)
    places = []
    for area in areas(regions):
        kept = pictures.pop((area.source, area.sheet.image, area.sheet.number), None)
        width, height = (kept.width, kept.height) if kept else (area.sheet.width, area.sheet.height)
        on_page = tuple(region for region in regions if (region.source, region.sheet) == (area.source, area.sheet))
        marked = tuple(region.box for region in on_page if _holds(region, start, end))
        places.append(ArticlePlace(area.page, kept, width, height, area.box, on_page, marked))
    # pages whose source gives no places
    return places + [ArticlePlace(article.page, kept, kept.width, kept.height) for kept in pictures.values()]


def doubtful_characters(regions: Iterable[Region]) -> set[int]:
    """Return the offsets in the body of characters that recognition may have misread."""
    return {offset for region in regions if region.start is not None for offset in region.doubtful}


def _holds(region: Region, start: int | None, end: int | None) -> bool:
    """Whether a line contains any of the characters."""
    if start is None or end is None or region.start is None or region.end is None:
        return False
    return region.start < end and start < region.end


def _region(region: Region) -> JsonObject:
    values = {"kind": region.kind, "box": _sides(region.box), "start": region.start, "end": region.end}
    sure = {} if region.confidence is None else {"confidence": round(region.confidence, 3)}
    doubtful = {"doubtful": list(region.doubtful)} if region.doubtful else {}
    return {name: value for name, value in values.items() if value is not None} | sure | doubtful


def _sides(box: Box) -> list[float]:
    """Left, top, right, bottom."""
    return [round(side, _DIGITS) for side in (box.left, box.top, box.right, box.bottom)]
