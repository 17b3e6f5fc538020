"""Exhaustive search, for people (a view of the page) and for programs (``/api/search``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from index.article import Article
from index.errors import BaowenError
from index.search.facets import EVERY
from index.search.parser import QueryError
from index.search.query import narrowed
from index.search.texts import FACETS
from index.types import JsonObject
from rag.search.exports import FORMS, export
from rag.search.hits import Hits

from ..chat.frame import Frames, Language
from ..requests.responses import file_response
from ..sites.site import Site
from .search_view import PERIODS, SearchAsked, counts_view, view

_MOST = 200  # hits of one page
_MOST_EXPORTED = 50_000


def answered(hits: Hits, limit: int, offset: int, *, fold: bool = False) -> JsonObject:
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
    def page(request: Request, asked: Annotated[SearchAsked, Query()], language: Language = "") -> Response:
        render = pages.chat(language).render
        make = partial(view, render, asked)
        body, status = _searched(site, asked, make) if asked.q.strip() else (make(), 200)
        return pages.view(request, language, body, render.say("Search"), name="search", status=status)

    @router.get("/search/counts")
    def counts(
        request: Request,
        asked: Annotated[SearchAsked, Query()],
        facet: str = "",
        part: Annotated[str, Query(max_length=100)] = "",
        first: Annotated[int, Query(ge=0)] = 0,
        language: Language = "",
    ) -> Response:
        render = pages.chat(language).render
        make = partial(counts_view, render, asked, facet, part, first)
        body, status = _searched(site, asked, make) if facet in FACETS else (None, 404)
        return pages.view(request, language, body, render.say("Counts"), name="search", status=status)

    return router


def _searched(site: Site, asked: SearchAsked, make: Callable[..., str]) -> tuple[str, int]:
    """The HTML that ``make`` returns for the hits, or for a problem, and its status."""
    try:
        query = narrowed(asked.q, {"日期": asked.dates} if asked.dates else {})
        hits = site.archive.search_all(query, asked.sort, asked.mode, snapshot=asked.snapshot or None)
        return make(hits=hits), 200
    except BaowenError as error:
        return make(problem=str(error)), 400


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
