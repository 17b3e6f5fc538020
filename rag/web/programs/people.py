"""Names, threads, reprints and comparisons as JSON, below ``/api/``.

People who are logged in and may correct the archive can merge and correct names (POST).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from index.errors import BaowenError
from index.overlay import names as overlaid
from index.types import JsonObject

from ..sites.correcting import corrector, edit_name
from ..sites.site import Site

_MOST = 200  # reports of one page


class _NameEdit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: Literal["merge", "hide", "undo"]
    kind: str = ""
    name: str = Field("", max_length=100)
    into: str = Field("", max_length=100)
    number: int = 0


def people_routes(site: Site) -> APIRouter:
    """Return the routes of a site."""
    router = APIRouter(include_in_schema=False)
    archive = site.archive

    @router.get("/api/names")
    def name(name: str, kind: str | None = None, limit: int = 20, offset: int = 0, sort: str = "newest") -> Response:
        return _told(lambda: archive.name(name, kind, limit=min(limit, _MOST), offset=offset, sort=sort).as_dict())

    @router.get("/api/names/edits")
    def edits() -> Response:
        kinds = (overlaid.MERGED, overlaid.HIDDEN, "undo")
        return _told(lambda: {"edits": [e.as_dict() for e in archive.overlay.edits(*kinds)] if archive.overlay else []})

    @router.post("/api/names/edits")
    def correct(request: Request, edit: _NameEdit) -> Response:
        who = corrector(site, request.scope)
        if not who:
            return JSONResponse({"error": "您不能更正这个馆藏的名字 (you may not correct names here)"}, 403)
        return _told(lambda: {"edits": [e.as_dict() for e in edit_name(site, who, **edit.model_dump())]})

    @router.get("/api/threads/{identity:path}")
    def thread(identity: str, days: int = 90) -> Response:
        return _told(lambda: archive.thread(identity, days=min(max(days, 1), 36_500)).as_dict())

    @router.get("/api/reprints/{identity:path}")
    def reprints(identity: str) -> Response:
        def made() -> JsonObject:
            found = archive.reprints(identity)
            own = archive.store.catalogue.article(identity)
            return {"reprints": [reprint.as_dict(own) for reprint in found] if own else []}

        return _told(made)

    @router.get("/api/compare")
    def compare(q: str, other: str) -> Response:
        return _told(lambda: archive.compare(q, other).as_dict())

    return router


def _told(make: Callable[[], JsonObject]) -> Response:
    """The result as JSON, or the problem as one sentence."""
    try:
        return JSONResponse(make())
    except BaowenError as error:
        return JSONResponse({"error": str(error)}, 400)
