"""A person's saved searches with their feeds and alerts, and collections of reports with notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from index.errors import BaowenError
from rag.alerts.collections import Collection, Collections
from rag.alerts.shared import open_kept
from rag.search.exports import FORMS

from ..access.login import person
from ..access.rights import user
from ..chat.frame import Frames, Language
from ..requests.limits import OwnRoute
from ..requests.prefix import prefix, server_prefix
from ..sites.keeping import put_report, save_search
from ..sites.site import Site


def kept_views(site: Site) -> APIRouter:
    """Return the routes of ``/kept``: a person's searches and collections, and the forms that change them."""
    router = APIRouter(include_in_schema=False, route_class=OwnRoute)
    shelf = _Shelf(site)
    router.add_api_route("/kept", shelf.page)
    router.add_api_route("/kept/searches", shelf.save, methods=["POST"])
    router.add_api_route("/kept/searches/{identity}", shelf.change_search, methods=["POST"])
    router.add_api_route("/kept/collections", shelf.make, methods=["POST"])
    router.add_api_route("/kept/collections/{identity}", shelf.collection)
    router.add_api_route("/kept/collections/{identity}", shelf.change_collection, methods=["POST"])
    return router


class _Shelf:
    """The handlers of the routes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = Frames(site)
        self._kept = open_kept(site.archive.settings)

    def page(
        self,
        request: Request,
        query: Annotated[str, Query(max_length=2000)] = "",
        article: Annotated[str, Query(max_length=500)] = "",
        lang: Language = "",
    ) -> Response:
        """Show everything; the forms are filled with ``query``, to be saved, and ``article``, to be collected."""
        return self._shown(request, lang, query=query, article=article)

    def save(
        self,
        request: Request,
        query: Annotated[str, Form(max_length=2000)],
        name: Annotated[str, Form(max_length=200)] = "",
        email: Annotated[str, Form(max_length=200)] = "",
        webhook: Annotated[str, Form(max_length=1000)] = "",
        lang: Language = "",
    ) -> Response:
        """Save a search."""
        return self._done(
            request,
            lang,
            lambda: save_search(self._site, self._kept, request, query, name, email=email.strip(), webhook=webhook),
            query=query,
        )

    def change_search(
        self,
        request: Request,
        identity: str,
        action: Annotated[Literal["open feed", "close feed", "drop"], Form()],
        lang: Language = "",
    ) -> Response:
        """Open a search's feed, whose secret URL is only shown now, close the feed, or delete the search."""
        if action == "open feed":
            try:
                secret = self._kept.open_feed(person(request), identity)
            except BaowenError as error:
                return self._shown(request, lang, problem=str(error))
            here = f"{request.url.scheme}://{request.url.netloc}{server_prefix()}"
            base = (self._site.archive.settings.alerts.address or here).rstrip("/")
            return self._shown(request, lang, feed=(identity, f"{base}/feeds/{secret}"))
        change = self._kept.close_feed if action == "close feed" else self._kept.drop
        return self._done(request, lang, lambda: change(person(request), identity))

    def make(
        self,
        request: Request,
        name: Annotated[str, Form(max_length=200)] = "",
        collection: Annotated[str, Form()] = "",
        article: Annotated[str, Form(max_length=500)] = "",
        note: Annotated[str, Form(max_length=20_000)] = "",
        lang: Language = "",
    ) -> Response:
        """Add a report to a collection, a new one if a name is given; without a report, the new one is empty."""

        def made() -> str:
            target = self._mine(request).make(name).id if name.strip() or not collection else collection
            if article:
                put_report(self._site, self._mine(request), target, article, note)
            return f"/collections/{quote(target, safe='')}"

        return self._done(request, lang, made, article=article)

    def collection(self, request: Request, identity: str, lang: Language = "") -> Response:
        """Show a collection's reports with their notes."""
        return self._one(request, lang, identity)

    def change_collection(
        self,
        request: Request,
        identity: str,
        action: Annotated[Literal["note", "take", "drop"], Form()],
        article: Annotated[str, Form(max_length=500)] = "",
        note: Annotated[str, Form(max_length=20_000)] = "",
        lang: Language = "",
    ) -> Response:
        """Change a note, remove a report, or delete the collection."""
        mine = self._mine(request)

        def changed() -> str:
            if action == "drop":
                mine.drop(identity)
                return ""
            if action == "take":
                mine.take(identity, article)
            else:
                put_report(self._site, mine, identity, article, note)
            return f"/collections/{quote(identity, safe='')}"

        return self._done(request, lang, changed)

    def _mine(self, request: Request) -> Collections:
        return Collections(self._kept, person(request), self._site.name)

    def _done(
        self, request: Request, lang: str, make: Callable[[], object], *, query: str = "", article: str = ""
    ) -> Response:
        """Redirect to the result (a path below ``/kept``), or show the problem above the forms."""
        try:
            path = make()
        except BaowenError as error:
            return self._shown(request, lang, query=query, article=article, problem=str(error))
        language = self._pages.chat(lang).render.language
        below = path if isinstance(path, str) else ""
        return RedirectResponse(f"{prefix()}/kept{below}?lang={language}", 303)

    def _shown(
        self,
        request: Request,
        lang: str,
        *,
        query: str = "",
        article: str = "",
        problem: str = "",
        feed: tuple[str, str] = ("", ""),
    ) -> Response:
        render, catalogue = self._pages.chat(lang).render, self._site.archive.store.catalogue
        body = render.render(
            "kept.html",
            searches=self._kept.searches(person(request), self._site.name),
            feeds=self._kept.feeds(person(request)),
            collections=self._mine(request).all(),
            query=query,
            article=catalogue.article(article) if article else None,
            problem=problem,
            feed=feed,
            logged_in=bool(user(request.scope)),
        )
        return self._framed(request, lang, body, render.say("Kept"), 400 if problem else 200)

    def _one(self, request: Request, lang: str, identity: str) -> Response:
        held = next((one for one in self._mine(request).all() if one.id == identity), None)
        body = self._collected(lang, held) if held else None
        return self._framed(request, lang, body, held.name if held else "", 200)

    def _collected(self, lang: str, held: Collection) -> str:
        render, catalogue = self._pages.chat(lang).render, self._site.archive.store.catalogue
        reports = [(report, catalogue.article(report.article)) for report in held.reports]
        export = f"{prefix()}/api/kept/collections/{quote(held.id, safe='')}/export"
        forms = {form.name: f"{export}?form={key}" for key, form in FORMS.items()}
        return render.render("collection.html", held=held, reports=reports, forms=forms)

    def _framed(self, request: Request, lang: str, body: str | None, title: str, status: int) -> Response:
        return self._pages.view(request, lang, body, title, name="kept", status=status)
