"""The pages beside the chat, and data: articles, issues, answers to share, exports, login, health, metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Form, HTTPException, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from index.errors import BaowenError

from . import exports
from .browsing import calendar_view, feed_view, issue_view, overview_view, search_view
from .history import Turn
from .login import person
from .overview import overview
from .page import Pages
from .site import Site

_FORMS: dict[str, Callable[[Turn], str]] = {
    "txt": exports.plain,
    "md": lambda turn: exports.markdown([turn]),
    "gbt": exports.gbt,
}
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_AFTER_FAILURE_S = 1.0  # a wrong password is answered slowly
_RESULTS = 20  # passages of a search

Language = Annotated[str, Query(alias="lang")]


def views(site: Site) -> APIRouter:
    """The pages: the chat, and what can be looked at beside it."""
    router, pages = APIRouter(include_in_schema=False), Pages(site)

    @router.get("/")
    def chinese(request: Request) -> Response:
        return pages.conversation(request, "zh")

    @router.get("/en")
    @router.get("/en/")
    def english(request: Request) -> Response:
        return pages.conversation(request, "en")

    @router.get("/articles/{identity:path}")
    def article(
        request: Request, identity: str, start: int | None = None, end: int | None = None, lang: Language = ""
    ) -> Response:
        render = pages.chat(lang).render
        found = site.archive.store.catalogue.article(identity)
        body = render.article(found, start, end) if found else None
        return pages.view(request, lang, body, found.title if found else "")

    @router.get("/issues")
    def issues(request: Request, year: str = "", lang: Language = "") -> Response:
        render = pages.chat(lang).render
        body = calendar_view(render, site.archive.store.catalogue, year)
        return pages.view(request, lang, body, render.say("Issues"), name="issues")

    @router.get("/issues/{date}")
    def issue(request: Request, date: str, lang: Language = "") -> Response:
        body = issue_view(pages.chat(lang).render, site.archive.store.catalogue, "" if date == "undated" else date)
        return pages.view(request, lang, body, date, name="issues")

    @router.get("/search")
    def search(request: Request, q: str = "", lang: Language = "") -> Response:
        render = pages.chat(lang).render
        query = " ".join(q.split())
        try:
            found = site.archive.retrieve(query, _RESULTS) if query else []
            body = search_view(render, query, found)
        except BaowenError as error:
            body = search_view(render, query, (), str(error))
        return pages.view(request, lang, body, render.say("Search"), name="search")

    @router.get("/overview")
    def figures(request: Request, term: str = "", lang: Language = "") -> Response:
        render = pages.chat(lang).render
        body = overview_view(render, overview(site.archive.store, " ".join(term.split())[:40]))
        return pages.view(request, lang, body, render.say("Overview"), name="overview")

    @router.get("/feed")
    def feed(request: Request, lang: Language = "") -> Response:
        render = pages.chat(lang).render
        body = feed_view(render) if site.feed is not None else None
        return pages.view(request, lang, body, render.say("Add"), name="feed")

    @router.get("/answers/{name}")
    def answer(request: Request, name: str, lang: Language = "") -> Response:
        identity, _, form = name.partition(".")
        turn = site.history.turn(identity)
        if turn is None or (form and form not in _FORMS):
            return pages.view(request, lang, None, "")
        if form:
            return PlainTextResponse(_FORMS[form](turn), headers={"X-Content-Type-Options": "nosniff"})
        return pages.view(request, lang, pages.chat(lang).render.shared(turn), turn.question)

    return router


def data(site: Site) -> APIRouter:
    """Exports, health, metrics, login."""
    router, pages = APIRouter(include_in_schema=False), Pages(site)

    @router.get("/conversations/{name}")
    def conversation(request: Request, name: str) -> Response:
        identity, _, form = name.partition(".")
        turns = site.history.turns(person(request), identity)
        if not turns or form not in ("md", "docx"):
            raise HTTPException(404)
        title = turns[0].question[:40]
        body = exports.docx(turns, title) if form == "docx" else exports.markdown(turns).encode()
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(title, safe='')}.{form}"}
        return Response(body, media_type=_WORD if form == "docx" else "text/markdown; charset=utf-8", headers=headers)

    @router.get("/health")
    def health() -> Response:
        try:
            store = site.archive.store
        except Exception as error:
            return JSONResponse({"status": "error", "error": str(error)}, 503)
        return JSONResponse({"status": "ok", "snapshot": store.snapshot, "articles": store.stamp.articles})

    @router.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(site.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @router.get("/login")
    def login_page(lang: Language = "") -> Response:
        return pages.login(lang, failed=False)

    @router.post("/login")
    async def log_in(
        request: Request, username: Annotated[str, Form()], password: Annotated[str, Form()], lang: Language = ""
    ) -> Response:
        page_wanted = "text/html" in request.headers.get("accept", "")
        known = site.passwords is not None and await run_in_threadpool(site.passwords.check, username, password)
        if not known:
            await anyio.sleep(_AFTER_FAILURE_S)
            return pages.login(lang, failed=True) if page_wanted else JSONResponse({"success": False}, 401)
        request.session["user"] = username
        return RedirectResponse("/", 303) if page_wanted else JSONResponse({"success": True})

    @router.get("/logout")
    def log_out(request: Request) -> Response:
        request.session.pop("user", None)
        return RedirectResponse("/login", 303)

    return router
