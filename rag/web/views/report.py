"""A report on a topic with dated lines, for people (大事记) and for programs (``/api/report``)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from index.errors import BaowenError

from ..chat.frame import Frames, Language
from ..rendering.exports import answer_docx
from ..requests.responses import file_response
from ..sites.site import Site


def report_routes(site: Site) -> APIRouter:
    """Return the routes of a site."""
    router = APIRouter(include_in_schema=False)
    pages = Frames(site)

    @router.get("/api/report")
    def api(topic: str, since: str = "", until: str = "", form: str = "") -> Response:
        try:
            answer = site.archive.report(topic, since or None, until or None)
            if form != "docx":
                return JSONResponse(answer.as_dict())
            site.note("exported", question=topic, form=form, snapshot=answer.snapshot)
            return file_response(answer_docx(answer), topic, form)
        except BaowenError as error:
            return JSONResponse({"error": str(error)}, 400)

    @router.get("/report")
    def page(
        request: Request,
        topic: Annotated[str, Query(max_length=1000)] = "",
        since: str = "",
        until: str = "",
        language: Language = "",
    ) -> Response:
        render = pages.chat(language).render
        answer, problem = None, ""
        try:
            answer = site.archive.report(topic, since or None, until or None) if topic.strip() else None
        except BaowenError as error:
            problem = str(error)
        asked = {"topic": topic, "since": since, "until": until}
        body = render.report(asked, answer.as_dict() if answer else None, problem)
        status = 400 if problem else 200
        return pages.view(request, language, body, render.say("Chronicle"), name="search", status=status)

    return router
