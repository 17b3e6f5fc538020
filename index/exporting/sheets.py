"""The page images of an issue, each with its articles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..article import Article
from ..regions import Region, Sheet

UNKNOWN_SIDE = 1000  # width or height of an image whose size the source does not give


@dataclass
class SheetArticles:
    """A page image and the articles on it, each with its regions there."""

    source: str
    sheet: Sheet
    page: int | None
    articles: list[tuple[Article, list[Region]]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """The width, or ``UNKNOWN_SIDE`` if it is unknown."""
        return self.sheet.width or UNKNOWN_SIDE

    @property
    def height(self) -> int:
        """The height, or ``UNKNOWN_SIDE`` if it is unknown."""
        return self.sheet.height or UNKNOWN_SIDE

    @property
    def image(self) -> str:
        """The image's path without ``../``, or the source's path if the source is itself the image."""
        return self.sheet.image.removeprefix("/").replace("../", "") or self.source

    @property
    def name(self) -> str:
        """The image's name, with only characters that are safe in file names and addresses."""
        bare = re.sub(r"[^\w.-]+", "-", self.image, flags=re.ASCII).strip("-.") or "page"
        number = f"-{self.sheet.number}" if self.sheet.number > 1 else ""
        return f"{bare}{number}"


def sheets_of(articles: Iterable[Article]) -> list[SheetArticles]:
    """The page images that articles have regions on, ordered by page."""
    found: dict[tuple[str, Sheet], SheetArticles] = {}
    for article in articles:
        for region in article.regions:
            key = (region.source, region.sheet)
            place = found.setdefault(key, SheetArticles(region.source, region.sheet, region.page))
            if not place.articles or place.articles[-1][0].id != article.id:
                place.articles.append((article, []))
            place.articles[-1][1].append(region)
    return sorted(found.values(), key=lambda place: (place.page is None, place.page or 0, place.sheet.number))


def named(sheets: Iterable[SheetArticles]) -> dict[str, SheetArticles]:
    """The page images by unique names."""
    result: dict[str, SheetArticles] = {}
    for place in sheets:
        name, count = place.name, 1
        while name in result:
            count += 1
            name = f"{place.name}.{count}"
        result[name] = place
    return result


def region_text(article: Article, region: Region) -> str:
    """The text of a region."""
    if region.start is None or region.end is None:
        return region.text
    return article.body[region.start : region.end]
