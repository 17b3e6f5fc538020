"""The pages' pictures of an issue, each with what stands on it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..article import Article
from ..regions import Region, Sheet

UNKNOWN_SIDE = 1000  # of a picture whose size the source does not tell


@dataclass
class SheetArticles:
    """A picture and the articles that stand on it, each with its regions there."""

    source: str
    sheet: Sheet
    page: int | None
    articles: list[tuple[Article, list[Region]]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Its width, where it is known."""
        return self.sheet.width or UNKNOWN_SIDE

    @property
    def height(self) -> int:
        """Its height, where it is known."""
        return self.sheet.height or UNKNOWN_SIDE

    @property
    def image(self) -> str:
        """The picture's name without ways up, or that of the file which is the picture."""
        return self.sheet.image.removeprefix("/").replace("../", "") or self.source

    @property
    def name(self) -> str:
        """A name of its own, of letters that files and addresses may have."""
        bare = re.sub(r"[^\w.-]+", "-", self.image, flags=re.ASCII).strip("-.") or "page"
        number = f"-{self.sheet.number}" if self.sheet.number > 1 else ""
        return f"{bare}{number}"


def sheets_of(articles: Iterable[Article]) -> list[SheetArticles]:
    """The pictures that articles with regions stand on, by page; their names differ."""
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
    """Pictures by names that differ."""
    result: dict[str, SheetArticles] = {}
    for place in sheets:
        name, count = place.name, 1
        while name in result:
            count += 1
            name = f"{place.name}.{count}"
        result[name] = place
    return result


def region_text(article: Article, region: Region) -> str:
    """What is read in a region."""
    if region.start is None or region.end is None:
        return region.text
    return article.body[region.start : region.end]
