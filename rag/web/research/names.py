"""The page of a name: reports over time, co-occurring names, quotations, and merging and hiding by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from index.errors import BaowenError
from index.overlay import names as overlaid
from index.overlay.log import Edit
from index.search.query import EVERYTHING, FACET_FIELDS, narrowed
from index.text.folding import fold
from index.types import JsonObject
from rag.people.page import NamePage

from ..chat.frame import Frames, Language
from ..rendering.pieces import snippet_pieces
from ..rendering.render import Renderer
from ..rendering.timeline import timeline
from ..requests.limits import OwnRoute
from ..sites.correcting import corrector, edit_name
from ..sites.site import Site

_ON_A_PAGE = 20
_LISTED = 40  # names of each kind if no name is given
_QUOTED = 20


@dataclass(frozen=True)
class NameAsked:
    """The parameters of the view; an empty ``kind`` is the one with the most reports."""

    name: str = ""
    kind: str = ""
    offset: int = 0


def name_views(site: Site) -> APIRouter:
    """Return the routes of ``/names``: the page of a name or of the most frequent names, and corrections of names."""
    router = APIRouter(include_in_schema=False, route_class=OwnRoute)
    pages = Frames(site)

    @router.get("/names")
    def page(
        request: Request,
        name: Annotated[str, Query(max_length=200)] = "",
        kind: str = "",
        offset: Annotated[int, Query(ge=0)] = 0,
        lang: Language = "",
    ) -> Response:
        render = pages.chat(lang).render
        asked = NameAsked(name.strip(), kind, offset)
        body, status = _page(site, render, asked, may_correct=bool(corrector(site, request.scope)))
        return pages.view(request, lang, body, name or render.say("Names"), name="names", status=status)

    @router.post("/names")
    def correct(
        request: Request,
        action: Annotated[Literal["merge", "hide", "undo"], Form()],
        name: Annotated[str, Form(max_length=200)],
        kind: Annotated[str, Form()] = "",
        into: Annotated[str, Form(max_length=200)] = "",
        number: Annotated[int, Form()] = 0,
        lang: Language = "",
    ) -> Response:
        who = corrector(site, request.scope)
        if not who:
            raise HTTPException(403)
        render = pages.chat(lang).render
        try:
            edit_name(site, who, action, kind=kind, name=name, into=into, number=number)
        except BaowenError as error:
            asked = NameAsked(name.strip(), kind)
            body, _ = _page(site, render, asked, may_correct=True, problem=str(error))
            return pages.view(request, lang, body, name, name="names", status=400)
        return RedirectResponse(render.view_url("names", name=into or name, kind=kind), 303)

    return router


def _page(site: Site, render: Renderer, asked: NameAsked, *, may_correct: bool, problem: str = "") -> tuple[str, int]:
    """The view's HTML and status; the view shows problems."""
    values: dict[str, object] = {"asked": asked, "problem": problem, "may_correct": may_correct, "found": None}
    archive, status = site.archive, 200
    values["edits"] = _edits(site, asked.name) if may_correct else []
    try:
        if not asked.name:
            values["most"] = archive.search_all(EVERYTHING).facets(overlaid.KINDS, _LISTED)
        else:
            page = archive.name(asked.name, asked.kind or None, limit=_ON_A_PAGE, offset=asked.offset)
            values |= _of_name(render, page, asked)
    except BaowenError as error:
        values["problem"], status = problem or str(error), 404 if asked.name else 400
    return render.render("names.html", **values), status


def _of_name(render: Renderer, page: NamePage, asked: NameAsked) -> dict[str, object]:
    query = narrowed(EVERYTHING, {FACET_FIELDS[page.kind]: page.name})

    def reports_within(since: str, until: str) -> str:
        return render.view_url("search", q=query, since=since, until=until)

    def turned(offset: int) -> str:
        shown = 0 <= offset < page.total
        return render.view_url("names", name=page.name, kind=page.kind, offset=offset) if shown else ""

    first = max(0, asked.offset - _ON_A_PAGE)
    return {
        "found": page,
        "query": query,
        "timeline": timeline(page.months, reports_within),
        "undated_url": render.view_url("search", q=query),
        "reports": [(report.article, [*map(snippet_pieces, report.snippets)]) for report in page.reports],
        "said": page.quotations[:_QUOTED],
        "earlier": turned(first) if asked.offset else "",
        "later": turned(asked.offset + _ON_A_PAGE),
        "last": min(page.total, asked.offset + _ON_A_PAGE),
    }


def _edits(site: Site, name: str) -> Sequence[Edit]:
    """The corrections in force of a name, or of all names, the latest first."""
    if site.archive.overlay is None:
        return ()
    standing = site.archive.overlay.standing(overlaid.MERGED, overlaid.HIDDEN)
    return [edit for edit in reversed(standing) if not name or _is_about(edit.details, name)]


def _is_about(details: JsonObject, name: str) -> bool:
    return fold(name) in (details["name"], details.get("into"))
