"""Several archives on one server, each a site below ``/archives/NAME/``, visible only to those who may read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from index.models.pair import PairModel
from rag.archive import Archive
from rag.llm import Generator

from .access.rights import Rights
from .rendering.alone import Alone
from .requests.prefix import add_prefix, prefix
from .requests.protocol import nothing
from .sites.site import Site


class Borrowing(Archive):
    """An archive that uses another archive's models and its queue for them."""

    def __init__(self, opened: Archive, lender: Archive) -> None:
        overlay, folder = opened.overlay, opened.folder
        super().__init__(opened._store, lender.embedder, settings=lender.settings, overlay=overlay, folder=folder)
        self._lender = lender
        self.queue = lender.queue

    @property
    def generator(self) -> Generator:
        """The language model of the lender."""
        return self._lender.generator

    @property
    def pair(self) -> PairModel:
        """The pair model of the lender."""
        return self._lender.pair


class OneArchive:
    """ASGI app around a site: every request gets a 404 if the client may not read the archive."""

    def __init__(self, app: ASGIApp, name: str, rights: Rights) -> None:
        self.app = app
        self._name = name
        self._rights = rights

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests of clients that may read the archive."""
        if scope["type"] in ("http", "websocket"):
            if not self._rights.may(scope, "read", self._name):
                await self._nothing(scope, receive, send)
                return
            add_prefix(scope, f"/archives/{quote(self._name)}")
        await self.app(scope, receive, send)

    @staticmethod
    async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await nothing(get_route_path(scope))(scope, receive, send)  # as for an unknown name


def add_archives(app: FastAPI, sites: Sequence[tuple[Site, FastAPI]], rights: Rights) -> None:
    """Mount the sites; ``/`` lists those that the reader may read, or redirects if there is only one."""
    alone = Alone(sites[0][0].archive.settings.language)

    @app.get("/", include_in_schema=False)
    def choice(request: Request, lang: str = "") -> Response:
        language = lang or sites[0][0].archive.settings.language
        known = [site for site, _ in sites if rights.may(request.scope, "read", site.name)]
        if len(known) == 1:
            return RedirectResponse(f"{prefix()}/archives/{quote(known[0].name)}/", 303)
        held = [
            {
                "name": site.name,
                "url": f"{prefix()}/archives/{quote(site.name)}/{'en/' if language == 'en' else ''}",
                "articles": site.archive.store.stamp.articles,
                "dates": site.archive.store.dates(),
            }
            for site in known
        ]
        administrator, logged_in = rights.may(request.scope, "administer"), "user" in request.session
        return alone.page("archives.html", lang, held=held, administrator=administrator, logged_in=logged_in)

    @app.get("/archives", include_in_schema=False)
    def names(request: Request) -> Response:
        """List the archives that the client may read, for programs."""
        return JSONResponse([site.name for site, _ in sites if rights.may(request.scope, "read", site.name)])

    for site, pages in sites:
        app.mount(f"/archives/{site.name}", OneArchive(pages, site.name, rights))

    @app.exception_handler(404)
    async def missing(request: Request, error: HTTPException) -> Response:
        return nothing(get_route_path(request.scope))

    _run_together(app, [pages for _, pages in sites])


def _run_together(app: FastAPI, pages: Sequence[FastAPI]) -> None:
    """Run the lifespans of the mounted sites with that of the app, which Starlette does not do."""
    own = app.router.lifespan_context

    @asynccontextmanager
    async def together(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(own(app))
            for page in pages:
                await stack.enter_async_context(page.router.lifespan_context(page))
            yield

    app.router.lifespan_context = together
