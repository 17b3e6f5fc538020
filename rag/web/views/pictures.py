"""The pages' pictures and thumbnails, and the places of articles and lines on them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

import anyio
from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import FileResponse, JSONResponse, Response

from index.isolation import Limits, page_image
from index.reading import UnreadableFileError

from ..rendering.places import article_places
from ..sites.site import Site

_FOREVER = "private, max-age=31536000, immutable"  # a picture's URL changes with its content
_HEADERS = {"Cache-Control": _FOREVER, "X-Content-Type-Options": "nosniff"}
LONGEST = 640  # pixels of a thumbnail's longer side
MOST_BYTES = 60 << 10
_REMEMBERED = 256  # thumbnails, at most 15 MB
_LIMITS = Limits(memory=256 << 20, seconds=20.0)
_AT_ONCE = 2  # thumbnails made at the same time; each needs a full page's pixels

Offset = Annotated[int | None, Query(ge=0)]


def picture_routes(site: Site) -> APIRouter:
    """Return the routes of a site."""
    router = APIRouter(include_in_schema=False)
    makers = anyio.CapacityLimiter(_AT_ONCE)

    @router.get("/images/{identity}")
    def image(identity: str) -> Response:
        return FileResponse(_kept(site, identity), media_type="image/webp", headers=_HEADERS)

    @router.get("/thumbnails/{identity}")
    async def small(request: Request, identity: str) -> Response:
        known = request.headers.get("if-none-match", "")
        return await anyio.to_thread.run_sync(_thumbnail, site, identity, known, limiter=makers)

    @router.get("/places/{identity:path}")
    def places(identity: str, start: Offset = None, end: Offset = None) -> Response:
        found = article_places(site.archive.store.catalogue, identity, start, end)
        if found is None:
            raise HTTPException(404)
        value = {"article": identity, "pages": [place.as_dict() for place in found]}
        return JSONResponse(value, headers={"Cache-Control": "private, no-cache"})

    return router


def _kept(site: Site, identity: str) -> Path:
    """The path of a picture that shows an article of the current snapshot.

    Raises:
        HTTPException: there is no such picture.
    """
    store = site.archive.store
    path = store.images.path(identity) if store.catalogue.shows(identity) else None
    if path is None:
        raise HTTPException(404)
    return path


def _thumbnail(site: Site, identity: str, known: str) -> Response:
    """A thumbnail, or 304 if the browser already has it (``known``: its If-None-Match header)."""
    path = _kept(site, identity)
    tag = f'"{identity}-{LONGEST}"'
    headers = {**_HEADERS, "ETag": tag}
    if tag in known:
        return Response(status_code=304, headers=headers)
    try:
        return Response(thumbnail(path), media_type="image/webp", headers=headers)
    except UnreadableFileError as error:  # damaged or hostile, or removed meanwhile
        raise HTTPException(404) from error


@lru_cache(_REMEMBERED)
def thumbnail(path: Path) -> bytes:
    """Return a WebP thumbnail of a picture; it is cached, since the file name depends on the content.

    Raises:
        UnreadableFileError: it cannot be read within the limits; a pack from elsewhere may contain anything.
    """
    return page_image(path, 1, LONGEST, MOST_BYTES, _LIMITS).data
