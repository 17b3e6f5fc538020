"""The pages' pictures, and where an article and its lines stand on them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import FileResponse, JSONResponse, Response

from index.regions import Box, Region, areas
from index.storage.catalogue import Catalogue
from index.types import JsonObject

from .site import Site

_DIGITS = 5  # of a fraction
_FOREVER = "private, max-age=31536000, immutable"  # a picture's address changes with its content

Place = Annotated[int | None, Query(ge=0)]


def picture_routes(site: Site) -> APIRouter:
    """The routes of a site; whoever may not read its archive gets nothing of them."""
    router = APIRouter(include_in_schema=False)

    @router.get("/images/{identity}")
    def image(identity: str) -> Response:
        store = site.archive.store
        path = store.images.path(identity) if store.catalogue.shows(identity) else None
        if path is None:
            raise HTTPException(404)
        headers = {"Cache-Control": _FOREVER, "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, media_type="image/webp", headers=headers)

    @router.get("/places/{identity:path}")
    def places(identity: str, start: Place = None, end: Place = None) -> Response:
        found = article_places(site.archive.store.catalogue, identity, start, end)
        if found is None:
            raise HTTPException(404)
        return JSONResponse(found, headers={"Cache-Control": "private, no-cache"})

    return router


def article_places(
    catalogue: Catalogue, identity: str, start: int | None = None, end: int | None = None
) -> JsonObject | None:
    """Where an article stands, page by page; None where there is no such article.

    Each page: ``image`` (its picture's id, None where none is kept) with ``width`` and ``height`` in dots, the
    newspaper's ``page``, the article's ``area``, its ``regions``, and ``marked``: the lines that hold any character of
    ``body[start:end]``. Boxes are fractions of the page.
    """
    article = catalogue.article(identity)
    if article is None:
        return None
    pictures = {(kept.source, kept.name, kept.sheet): kept for kept in catalogue.pictures(identity)}
    regions = catalogue.regions(identity)
    pages: list[JsonObject] = []
    for area in areas(regions):
        kept = pictures.pop((area.source, area.sheet.image, area.sheet.number), None)
        on_page = [region for region in regions if (region.source, region.sheet) == (area.source, area.sheet)]
        pages.append(
            {
                "page": area.page,
                "image": kept.image if kept else None,
                "width": kept.width if kept else area.sheet.width,
                "height": kept.height if kept else area.sheet.height,
                "area": _box(area.box),
                "regions": [_region(region) for region in on_page],
                "marked": [_box(region.box) for region in on_page if _holds(region, start, end)],
            }
        )
    for kept in pictures.values():  # of a page whose source tells no places
        whole: JsonObject = {"page": article.page, "image": kept.image, "width": kept.width, "height": kept.height}
        pages.append(whole | {"area": None, "regions": [], "marked": []})
    return {"article": identity, "pages": pages}


def _holds(region: Region, start: int | None, end: int | None) -> bool:
    """Whether a line has any of the characters asked for."""
    if start is None or end is None or region.start is None or region.end is None:
        return False
    return region.start < end and start < region.end


def _region(region: Region) -> JsonObject:
    values = {"kind": region.kind, "box": _box(region.box), "start": region.start, "end": region.end}
    sure = {} if region.confidence is None else {"confidence": round(region.confidence, 3)}
    return {name: value for name, value in values.items() if value is not None} | sure


def _box(box: Box) -> list[float]:
    """Left, top, right, bottom."""
    return [round(side, _DIGITS) for side in (box.left, box.top, box.right, box.bottom)]
