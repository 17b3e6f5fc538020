"""The form below an article by which misread words are corrected."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from index.errors import BaowenError

from ..chat.frame import Pages
from ..requests.limits import OwnRoute
from ..sites.correcting import corrector, publish
from ..sites.site import Site


def correcting(site: Site) -> APIRouter:
    """``/corrections``: a correction that was filled in."""
    router = APIRouter(include_in_schema=False, route_class=OwnRoute)
    pages = Pages(site)

    @router.post("/corrections")
    def correct(
        request: Request,
        article: Annotated[str, Form(max_length=1000)],
        original: Annotated[str, Form(max_length=1000)],
        replacement: Annotated[str, Form(max_length=1000)] = "",
        lang: Annotated[str, Query()] = "",
    ) -> Response:
        who = corrector(site, request.scope)
        if not who:
            raise HTTPException(403)
        render = pages.chat(lang).render
        try:
            edit = site.archive.correct_text(article, original.strip(), replacement.strip(), who=who)
        except BaowenError as error:
            return pages.view(
                request, lang, render.problem(str(error)), render.say("Correct misread words"), status=400
            )
        if why := publish(site, edit):
            return pages.view(request, lang, render.problem(why), render.say("Correct misread words"), status=202)
        held = site.archive.store.catalogue.article(article)
        spans = [(place.start, place.end) for place in held.corrections if place.number == edit.number] if held else []
        start, end = spans[0] if spans else (None, None)
        return RedirectResponse(render.article_url(article, start, end), 303)

    return router
