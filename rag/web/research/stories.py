"""A report's timeline, its reprints side by side, and two searches compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from index.article import Article
from index.errors import BaowenError
from index.search.query import as_phrase
from rag.stories.comparing import Compared
from rag.stories.reprints import Reprint

from ..chat.frame import Frames, Language
from ..rendering.render import Renderer
from ..rendering.timeline import by_time, days_of
from ..sites.site import Site

Words = Annotated[str, Query(max_length=2000)]


def story_views(site: Site) -> APIRouter:
    """Return the routes ``/threads/ID``, ``/reprints/ID`` and ``/compare``."""
    router = APIRouter(include_in_schema=False)
    pages = Frames(site)
    archive = site.archive

    @router.get("/threads/{identity:path}")
    def thread(request: Request, identity: str, lang: Language = "") -> Response:
        render = pages.chat(lang).render
        try:
            body, status = render.render("thread.html", found=archive.thread(identity)), 200
        except BaowenError as error:
            body, status = render.problem(str(error)), 404
        return pages.view(request, lang, body, render.say("Time line"), status=status)

    @router.get("/reprints/{identity:path}")
    def reprints(request: Request, identity: str, other: str = "", lang: Language = "") -> Response:
        render = pages.chat(lang).render
        own = archive.store.catalogue.article(identity)
        if own is None:
            return pages.view(request, lang, None, "")
        try:
            body, status = _reprints(render, own, archive.reprints(identity), other), 200
        except BaowenError as error:
            body, status = render.problem(str(error)), 400
        return pages.view(request, lang, body, render.say("Reprints"), status=status)

    @router.get("/compare")
    def compare(request: Request, q: Words = "", other: Words = "", lang: Language = "") -> Response:
        render = pages.chat(lang).render
        values: dict[str, object] = {"q": q, "other": other, "found": None, "problem": ""}
        status = 200
        if q.strip() and other.strip():
            try:
                values |= _compared(render, archive.compare(q, other))
            except BaowenError as error:
                values["problem"], status = str(error), 400
        body = render.render("compare.html", **values)
        return pages.view(request, lang, body, render.say("Two searches compared"), name="compare", status=status)

    return router


def _reprints(render: Renderer, own: Article, found: Sequence[Reprint], other: str) -> str:
    """The list of reprints; ``other``: the id of the one shown next to the report, by default the most similar."""
    chosen = next((one for one in found if one.article.id == other), found[0] if found else None)
    stretches = chosen.stretches if chosen else ()
    sides = [
        (article, [(article.body[slice(*getattr(one, side))], one.change != "equal") for one in stretches])
        for side, article in (("left", own), ("right", chosen.article if chosen else own))
    ]
    differing = sum(one.change != "equal" for one in stretches)
    return render.render("reprints.html", own=own, found=found, chosen=chosen, sides=sides, differing=differing)


def _compared(render: Renderer, found: Compared) -> dict[str, object]:
    """Counts by month or year with widths in percent of the largest, and words with links to their searches."""
    sides = [by_time({month: counts[side] for month, counts in found.months.items()}) for side in (0, 1)]
    most = max((count for counts in sides for count in counts.values()), default=1) or 1
    rows = [
        (
            time,
            [
                (counts[time], round(100 * counts[time] / most, 1), _within(render, query, time))
                for query, counts in zip(found.queries, sides, strict=True)
            ],
        )
        for time in sides[0]
    ]
    words = [
        [(word, render.view_url("search", q=f"({query}) {as_phrase(word)}")) for word in apart]
        for query, apart in zip(found.queries, found.words, strict=True)
    ]
    return {"found": found, "rows": rows, "words": words}


def _within(render: Renderer, query: str, period: str) -> str:
    since, until = days_of(period)
    return render.view_url("search", q=query, since=since, until=until)
