"""The pages' pictures, and where an article and its lines stand on them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import FileResponse, JSONResponse, Response

from ..sites.site import Site
from .places import article_places

_FOREVER = "private, max-age=31536000, immutable"  # a picture's address changes with its content

Offset = Annotated[int | None, Query(ge=0)]


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
    def places(identity: str, start: Offset = None, end: Offset = None) -> Response:
        found = article_places(site.archive.store.catalogue, identity, start, end)
        if found is None:
            raise HTTPException(404)
        value = {"article": identity, "pages": [place.as_dict() for place in found]}
        return JSONResponse(value, headers={"Cache-Control": "private, no-cache"})

    return router
