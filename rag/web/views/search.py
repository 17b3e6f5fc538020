"""Exhaustive search, for people (a view of the page) and for programs (``/api/search``)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from index.article import Article
from index.errors import BaowenError
from index.search.facets import EVERY
from index.search.parser import QueryError
from index.search.query import narrowed
from index.search.texts import FACETS
from rag.search.exports import FORMS, export
from rag.search.hits import Hits

from ..chat.frame import Frames, Language
from ..rendering.render import Renderer
from ..requests.responses import file_response
from ..sites.site import Site
from .search_view import PERIODS, Asked, counts_view, view

_MOST = 200  # hits of one page
_MOST_EXPORTED = 50_000


def answered(hits: Hits, limit: int, offset: int, *, fold: bool = False) -> dict[str, Any]:
    """Return a page of hits with totals and facets as JSON values; ``fold``: hits with the same text are one."""
    if limit < 0 or offset < 0:
        raise BaowenError(f"limit={limit}、offset={offset} 不能小于 0 (must not be negative)")
    return {
        "query": hits.query,
        "total": hits.total,
        "texts": hits.texts,
        "snapshot": hits.snapshot,
        "hits": [hit.as_dict() for hit in hits.page(limit, offset, fold=fold)],
        "facets": hits.facets(PERIODS, EVERY) | hits.facets([name for name in FACETS if name not in PERIODS]),
    }


def search_routes(site: Site) -> APIRouter:
    """Return the routes of a site.

    Rights on single articles would be passed to ``Archive.search_all`` as ``visible``, here and in ``programs``.
    """
    router = APIRouter(include_in_schema=False)
    pages = Frames(site)

    @router.get("/api/search")
    def api(
        q: str,
        sort: str = "relevance",
        mode: str = "words",
        limit: int = 20,
        offset: int = 0,
        snapshot: str = "",
        form: str = "",
        fold: bool = False,
    ) -> Response:
        try:
            hits = site.archive.search_all(q, sort, mode, snapshot=snapshot or None)
            if form:
                body = export(every_article(hits), form)
                site.note("exported", question=q, form=form, articles=hits.total, snapshot=hits.snapshot)
                return file_response(body, hits.query, FORMS[form].ending)
            return JSONResponse(answered(hits, min(limit, _MOST), offset, fold=fold))
        except BaowenError as error:
            place = {"position": error.position} if isinstance(error, QueryError) else {}
            return JSONResponse({"error": str(error), **place}, 400)

    @router.get("/search")
    def page(
        request: Request,
        asked: Annotated[Asked, Query()],
        language: Language = "",
    ) -> Response:
        render = pages.chat(language).render
        body, status = _found(site, render, asked)
        return pages.view(request, language, body, render.say("Search"), name="search", status=status)

    @router.get("/search/counts")
    def counts(
        request: Request,
        asked: Annotated[Asked, Query()],
        facet: str = "",
        part: Annotated[str, Query(max_length=100)] = "",
        first: Annotated[int, Query(ge=0)] = 0,
        language: Language = "",
    ) -> Response:
        render = pages.chat(language).render
        body, status = _counted(site, render, asked, facet, part, first) if facet in FACETS else (None, 404)
        return pages.view(request, language, body, render.say("Counts"), name="search", status=status)

    return router


def _found(site: Site, render: Renderer, asked: Asked) -> tuple[str, int]:
    """The view's HTML and status; the view shows problems."""
    if not asked.q.strip():
        return view(render, asked), 200
    try:
        return view(render, asked, _hits(site, asked)), 200
    except BaowenError as error:
        return view(render, asked, problem=str(error)), 400


def _counted(site: Site, render: Renderer, asked: Asked, facet: str, part: str, first: int) -> tuple[str, int]:
    """The HTML and status of the page of a facet's values; it shows problems."""
    try:
        return counts_view(render, asked, facet, part, first, _hits(site, asked)), 200
    except BaowenError as error:
        return counts_view(render, asked, facet, part, first, problem=str(error)), 400


def _hits(site: Site, asked: Asked) -> Hits:
    query = narrowed(asked.q, {"日期": asked.dates} if asked.dates else {})
    return site.archive.search_all(query, asked.sort, asked.mode, snapshot=asked.snapshot or None)


def every_article(hits: Hits) -> list[Article]:
    """Return the articles of all hits.

    Raises:
        BaowenError: there are too many for one export.
    """
    if hits.total > _MOST_EXPORTED:
        raise BaowenError(
            f"命中 {hits.total} 篇，一次最多导出 {_MOST_EXPORTED} 篇 (too many)；请缩小范围，"
            "或用命令 baowen search --all"
        )
    return [hit.article for hit in hits]
