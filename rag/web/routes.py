"""Data beside the pages: exports, login, health, metrics."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Form, HTTPException, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from . import exports
from .frame import Pages
from .login import person
from .site import Site

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_AFTER_FAILURE_S = 1.0  # a wrong password is answered slowly

Language = Annotated[str, Query(alias="lang")]


def data(site: Site) -> APIRouter:
    """Exports, login, health and metrics of a site."""
    data, router = Data(site), APIRouter(include_in_schema=False)
    router.add_api_route("/conversations/{name}", data.conversation)
    router.add_api_route("/health", data.health)
    router.add_api_route("/metrics", data.metrics)
    router.add_api_route("/login", data.login_page)
    router.add_api_route("/login", data.log_in, methods=["POST"])
    router.add_api_route("/logout", data.log_out)
    return router


class Data:
    """What each request gets."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = Pages(site)

    def conversation(self, request: Request, name: str) -> Response:
        """A conversation as a file."""
        identity, _, form = name.partition(".")
        turns = self._site.history.turns(person(request), identity)
        if not turns or form not in ("md", "docx"):
            raise HTTPException(404)
        title = turns[0].question[:40]
        body = exports.docx(turns, title) if form == "docx" else exports.markdown(turns).encode()
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(title, safe='')}.{form}"}
        return Response(body, media_type=_WORD if form == "docx" else "text/markdown; charset=utf-8", headers=headers)

    def health(self) -> Response:
        """Whether the archive can be read."""
        try:
            store = self._site.archive.store
        except Exception as error:
            return JSONResponse({"status": "error", "error": str(error)}, 503)
        return JSONResponse({"status": "ok", "snapshot": store.snapshot, "articles": store.stamp.articles})

    def metrics(self) -> Response:
        """Counts and times for Prometheus."""
        return Response(generate_latest(self._site.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    def login_page(self, lang: Language = "") -> Response:
        """Where to log in."""
        return self._pages.login(lang, failed=False)

    async def log_in(
        self, request: Request, username: Annotated[str, Form()], password: Annotated[str, Form()], lang: Language = ""
    ) -> Response:
        """Log in."""
        page_wanted = "text/html" in request.headers.get("accept", "")
        known = self._site.passwords is not None and await run_in_threadpool(
            self._site.passwords.check, username, password
        )
        if not known:
            await anyio.sleep(_AFTER_FAILURE_S)
            return self._pages.login(lang, failed=True) if page_wanted else JSONResponse({"success": False}, 401)
        request.session["user"] = username
        return RedirectResponse("/", 303) if page_wanted else JSONResponse({"success": True})

    def log_out(self, request: Request) -> Response:
        """Log out."""
        request.session.pop("user", None)
        return RedirectResponse("/login", 303)
