"""Plain pages and data beside the chat: articles, issues, answers to share, exports, metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from . import exports
from .conversations import Turn
from .login import person
from .overview import overview
from .provenance import since_changed
from .render import Renderer
from .site import Site

_FORMS: dict[str, Callable[[Turn], str]] = {
    "txt": exports.plain,
    "md": lambda turn: exports.markdown([turn]),
    "gbt": exports.gbt,
}
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Language = Annotated[str, Query(alias="lang")]


def routes(site: Site) -> APIRouter:
    """The routes of a site."""
    router = APIRouter(include_in_schema=False)
    renderers = {language: Renderer(language) for language in ("zh", "en")}

    def rendered(language: str) -> Renderer:
        return renderers.get(language) or renderers[site.archive.settings.language]

    def shown(request: Request, renderer: Renderer, body: str | None, title: str = "") -> Response:
        if body is None:
            missing = f'<p class="empty">{renderer.text["no_longer"]}</p>'
            whole = missing if "x-fragment" in request.headers else renderer.page(missing)
            return HTMLResponse(whole, 404)
        return HTMLResponse(body if "x-fragment" in request.headers else renderer.page(body, title))

    @router.get("/articles/{identity:path}")
    def article(
        request: Request, identity: str, start: int | None = None, end: int | None = None, lang: Language = ""
    ) -> Response:
        renderer = rendered(lang)
        found = site.archive.store.catalogue.article(identity)
        return shown(
            request, renderer, renderer.article(found, start, end) if found else None, found.title if found else ""
        )

    @router.get("/issues")
    def issues(request: Request, year: str = "", lang: Language = "") -> Response:
        renderer = rendered(lang)
        return shown(request, renderer, renderer.calendar(site.archive.store.catalogue, year), renderer.text["issues"])

    @router.get("/issues/{date}")
    def issue(request: Request, date: str, lang: Language = "") -> Response:
        renderer = rendered(lang)
        body = renderer.issue(site.archive.store.catalogue, "" if date == "undated" else date)
        return shown(request, renderer, body, date)

    @router.get("/overview")
    def figures(request: Request, term: str = "", lang: Language = "") -> Response:
        renderer = rendered(lang)
        body = renderer.overview(overview(site.archive.store, " ".join(term.split())[:40]))
        return shown(request, renderer, body, renderer.text["overview"])

    @router.get("/answers/{name}")
    def answer(request: Request, name: str, lang: Language = "") -> Response:
        identity, _, form = name.partition(".")
        turn = site.history.turn(identity)
        renderer = rendered(lang)
        if turn is None or (form and form not in _FORMS):
            return shown(request, renderer, None)
        if form:
            site.note("exported", answer=identity, form=form)
            return PlainTextResponse(_FORMS[form](turn), headers={"X-Content-Type-Options": "nosniff"})
        return shown(
            request,
            renderer,
            renderer.shared(turn, since_changed(turn.answer, site.archive.store.catalogue)),
            turn.question,
        )

    @router.get("/conversations/{name}")
    def conversation(request: Request, name: str) -> Response:
        identity, _, form = name.partition(".")
        turns = site.history.turns(person(request), identity)
        if not turns or form not in ("md", "docx"):
            raise HTTPException(404)
        site.note("exported", conversation=identity, form=form)
        title = turns[0].question[:40]
        body = exports.docx(turns, title) if form == "docx" else exports.markdown(turns).encode()
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(title, safe='')}.{form}"}
        return Response(body, media_type=_WORD if form == "docx" else "text/markdown; charset=utf-8", headers=headers)

    @router.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(site.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
