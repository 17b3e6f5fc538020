"""Saved searches, their feeds and alerts, and collections: ``/api/kept/…`` and ``/feeds/SECRET``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, PlainTextResponse, Response

from index.article import Article
from index.errors import BaowenError
from index.types import JsonObject
from rag.alerts.atom import atom
from rag.alerts.collections import Collections
from rag.alerts.kept import SavedSearch
from rag.alerts.shared import open_kept
from rag.search.exports import FORMS, export

from ..access.login import person
from ..access.rights import Rights
from ..requests.prefix import server_prefix
from ..requests.responses import file_response
from ..sites.keeping import EMAIL, NotLoggedInError, put_report, save_search
from ..sites.site import Site

_IN_A_FEED = 50


class _Search(BaseModel):
    model_config = ConfigDict(extra="forbid")

    query: str = Field(max_length=2000)
    name: str = Field("", max_length=200)
    email: str = Field("", max_length=200, pattern=EMAIL)
    webhook: str = Field("", max_length=1000)


class _Named(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200)


class _Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    article: str = Field(max_length=500)
    note: str = Field("", max_length=20_000)


def kept_routes(site: Site) -> APIRouter:
    """Return the routes of a site."""
    router = APIRouter(include_in_schema=False)
    router.include_router(_search_routes(site))
    router.include_router(_collection_routes(site))
    return router


def _search_routes(site: Site) -> APIRouter:
    router = APIRouter()
    kept = open_kept(site.archive.settings)

    @router.get("/api/kept/searches")
    def searches(request: Request) -> Response:
        return _told(lambda: [s.as_dict() for s in kept.searches(person(request), site.name)])

    @router.post("/api/kept/searches")
    def save(request: Request, asked: _Search) -> Response:
        try:
            made = save_search(site, kept, request, asked.query, asked.name, email=asked.email, webhook=asked.webhook)
            return JSONResponse(made.as_dict())
        except BaowenError as error:
            return JSONResponse({"error": str(error)}, 403 if isinstance(error, NotLoggedInError) else 400)

    @router.delete("/api/kept/searches/{identity}")
    def drop(request: Request, identity: str) -> Response:
        return _told(lambda: kept.drop(person(request), identity))

    @router.post("/api/kept/searches/{identity}/feed")
    def open_feed(request: Request, identity: str) -> Response:
        return _told(lambda: {"feed": f"{server_prefix()}/feeds/{kept.open_feed(person(request), identity)}"})

    @router.delete("/api/kept/searches/{identity}/feed")
    def close_feed(request: Request, identity: str) -> Response:
        return _told(lambda: kept.close_feed(person(request), identity))

    return router


def _collection_routes(site: Site) -> APIRouter:
    router = APIRouter()
    kept = open_kept(site.archive.settings)

    def mine(request: Request) -> Collections:
        return Collections(kept, person(request), site.name)

    @router.get("/api/kept/collections")
    def every(request: Request) -> Response:
        return _told(lambda: [c.as_dict() for c in mine(request).all()])

    @router.post("/api/kept/collections")
    def make(request: Request, asked: _Named) -> Response:
        return _told(lambda: mine(request).make(asked.name).as_dict())

    @router.post("/api/kept/collections/{identity}")
    def put(request: Request, identity: str, asked: _Note) -> Response:
        return _told(lambda: put_report(site, mine(request), identity, asked.article, asked.note))

    @router.delete("/api/kept/collections/{identity}")
    def drop(request: Request, identity: str, article: Annotated[str, Query()] = "") -> Response:
        return _told(lambda: mine(request).take(identity, article) if article else mine(request).drop(identity))

    @router.get("/api/kept/collections/{identity}/export")
    def exported(request: Request, identity: str, form: str = "ris") -> Response:
        return _told(lambda: _export(site, mine(request), identity, form))

    return router


def feed_routes(sites: Sequence[Site], rights: Rights) -> APIRouter:
    """Return the route of the feeds of all archives; a feed can be read with its secret, without a login.

    It shows what the owner of the search may read now; a wrong and a revoked secret get the same response.
    """
    router = APIRouter(include_in_schema=False)
    by_name = {site.name: site for site in sites}
    kept = open_kept(sites[0].archive.settings)

    @router.get("/feeds/{secret}")
    def feed(request: Request, secret: str) -> Response:
        search = kept.of_feed(secret)
        site = by_name.get(search.archive) if search else None
        if search is None or site is None or not may_read(rights)(search):
            return PlainTextResponse("没有这个订阅 (no such feed)", 404)
        try:
            created = site.archive.store.stamp.created
            hits = site.archive.search_all(search.query, "newest").page(_IN_A_FEED)
        except BaowenError as error:
            return PlainTextResponse(str(error), 400)
        base = (site.archive.settings.alerts.address or str(request.base_url)).rstrip("/")
        below = f"{base}/archives/{quote(site.name)}" if site.name else base

        def link(article: Article) -> str:
            return f"{below}/articles/{quote(article.id, safe='/')}"

        body = atom(search, [hit.article for hit in hits], link, created or search.created)
        return Response(body, media_type="application/atom+xml", headers={"Cache-Control": "private, max-age=60"})

    return router


def may_read(rights: Rights) -> Callable[[SavedSearch], bool]:
    """Return a function that says whether the owner of a search may read its archive now."""
    return lambda search: rights.person_may(search.person, "read", search.archive)


def _export(site: Site, mine: Collections, identity: str, form: str) -> Response:
    """A collection as a file."""
    held = next((c for c in mine.all() if c.id == identity), None)
    if held is None or form not in FORMS:
        return JSONResponse({"error": "没有这个收藏或格式 (no such collection or form)"}, 404)
    store = site.archive.store
    articles = [a for a in (store.catalogue.article(r.article) for r in held.reports) if a]
    file = file_response(export(articles, form), held.name, FORMS[form].ending)
    site.note("exported", collection=identity, form=form, articles=len(articles), snapshot=store.snapshot)
    return file


def _told(make: Callable[[], Response | JsonObject | list[JsonObject] | None]) -> Response:
    """The result, as JSON unless it is a response, or the problem as one sentence."""
    try:
        made = make()
        return made if isinstance(made, Response) else JSONResponse(made)
    except BaowenError as error:
        return JSONResponse({"error": str(error)}, 400)
