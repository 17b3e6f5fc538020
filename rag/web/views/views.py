"""The pages of articles, issues, the overview, adding an issue, and shared answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from index.article import Article
from index.errors import BaowenError
from rag.search.exports import FORMS, export

from ..chat.frame import Frames, Language, may_add
from ..history.conversations import Turn
from ..history.provenance import cited_articles, since_changed
from ..rendering import exports
from ..rendering.places import doubtful_characters
from ..requests.responses import file_response
from ..sites.correcting import corrector
from ..sites.site import Site
from .browsing import calendar_view, feed_view, issue_view, overview_view
from .overview import overview
from .printed import issue_page_view, page_view
from .search import every_article

_COPIED: dict[str, Callable[[Turn], str]] = {
    "txt": exports.plain,
    "md": lambda turn: exports.markdown([turn]),
    "gbt": exports.gbt,
}

Offset = Annotated[int | None, Query(ge=0)]


def views(site: Site) -> APIRouter:
    """Return the routes of a site's pages."""
    views, router = Views(site), APIRouter(include_in_schema=False)
    router.add_api_route("/articles/{identity:path}", views.article)
    router.add_api_route("/pages/{identity:path}", views.page)
    router.add_api_route("/issues", views.issues)
    router.add_api_route("/issues/{date}", views.issue)
    router.add_api_route("/issues/{date}/pages/{number}", views.issue_page)
    router.add_api_route("/overview", views.figures)
    router.add_api_route("/feed", views.feed)
    router.add_api_route("/answers/{name}", views.answer)
    return router


class Views:
    """The handlers of the routes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = Frames(site)

    def article(
        self, request: Request, identity: str, start: int | None = None, end: int | None = None, lang: Language = ""
    ) -> Response:
        """Show an article, with the words between two offsets marked."""
        render = self._pages.chat(lang).render
        catalogue = self._site.archive.store.catalogue
        found = catalogue.article(identity)
        if found is None:
            return self._pages.view(request, lang, None, "")
        body = render.article(
            found,
            start,
            end,
            pictured=bool(catalogue.pictures(identity)),
            may_correct=bool(corrector(self._site, request.scope)),
            names=self._site.archive.names_in(identity),
            doubtful=doubtful_characters(catalogue.regions(identity)),
        )
        return self._pages.view(request, lang, body, found.title)

    def page(
        self,
        request: Request,
        identity: str,
        start: Offset = None,
        end: Offset = None,
        number: Offset = None,
        lang: Language = "",
    ) -> Response:
        """Show the printed page with an article, or page ``number`` of its issue."""
        render = self._pages.chat(lang).render
        body = page_view(render, self._site.archive.store.catalogue, identity, start, end, number)
        return self._pages.view(request, lang, body, render.say("Page as printed"))

    def issues(self, request: Request, year: str = "", lang: Language = "") -> Response:
        """Show the issues of a year as a calendar."""
        render = self._pages.chat(lang).render
        body = calendar_view(render, self._site.archive.store.catalogue, year)
        return self._pages.view(request, lang, body, render.say("Issues"), name="issues")

    def issue(self, request: Request, date: str, lang: Language = "") -> Response:
        """Show the articles of an issue."""
        body = issue_view(self._pages.chat(lang).render, self._site.archive.store.catalogue, _dated(date))
        return self._pages.view(request, lang, body, date, name="issues")

    def issue_page(self, request: Request, date: str, number: int, lang: Language = "") -> Response:
        """Show the printed page ``number`` of an issue, from 0."""
        render = self._pages.chat(lang).render
        body = issue_page_view(render, self._site.archive.store.catalogue, _dated(date), number)
        return self._pages.view(request, lang, body, render.say("Page as printed"), name="issues")

    def figures(self, request: Request, term: str = "", lang: Language = "") -> Response:
        """Show the distribution of the archive's articles."""
        render = self._pages.chat(lang).render
        body = overview_view(render, overview(self._site.archive.store, " ".join(term.split())[:40]))
        return self._pages.view(request, lang, body, render.say("Overview"), name="overview")

    def feed(self, request: Request, lang: Language = "") -> Response:
        """Show the form for adding an issue."""
        chat = self._pages.chat(lang)
        body = feed_view(chat.render) if may_add(chat) else None
        return self._pages.view(request, lang, body, chat.say("Add"), name="feed")

    def answer(self, request: Request, name: str, lang: Language = "") -> Response:
        """Show a shared answer, or return it as text, Word or PDF, or its cited articles in an export format."""
        identity, _, form = name.partition(".")
        turn = self._site.history.turn(identity)
        if turn is None or form not in ("", *exports.DOCUMENTS, *_COPIED, *FORMS):
            return self._pages.view(request, lang, None, "")
        if form:
            return self._taken(turn, form)
        changed = since_changed(turn.answer, self._site.archive.store.catalogue)
        return self._pages.view(request, lang, self._pages.chat(lang).render.shared(turn, changed), turn.question)

    def _taken(self, turn: Turn, form: str) -> Response:
        self._site.note("exported", answer=turn.id, form=form, snapshot=turn.snapshot)
        if form in _COPIED:
            return PlainTextResponse(_COPIED[form](turn), headers={"X-Content-Type-Options": "nosniff"})
        try:
            if form in exports.DOCUMENTS:
                make, kind = exports.DOCUMENTS[form]
                return file_response(make([turn], ""), turn.question, form, kind)
            return file_response(export(self._articles(turn), form), turn.question, FORMS[form].ending)
        except BaowenError as error:
            return PlainTextResponse(str(error), 400)

    def _articles(self, turn: Turn) -> list[Article]:
        """The articles that an answer cites; of a list that it cites the beginning of, all, as its search finds now."""
        search, cited = turn.answer.get("search"), len(turn.answer["citations"])
        if search and 1 < cited < search["listed_total"]:  # of a first or last report only that one is cited
            return every_article(self._site.archive.search_all(search["listed"], search["sort"]))
        return cited_articles(turn.answer, self._site.archive.store.catalogue)


def _dated(date: str) -> str:
    """The date in an issue's URL; empty for articles without a date."""
    return "" if date == "undated" else date
