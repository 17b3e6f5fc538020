"""Corrections of misread text: the form below an article, and the list of corrections with their states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from index.errors import BaowenError
from index.overlay.log import Edit
from index.overlay.texts import FOR_REVIEW, WITHDRAWN

from ..chat.frame import Frames, Language
from ..requests.limits import OwnRoute
from ..sites.correcting import correct_text, corrector, publish
from ..sites.site import Site

_LISTED = 200


def correcting(site: Site) -> APIRouter:
    """Return the routes of ``/corrections``: the list, a new correction, and confirming or withdrawing one."""
    router = APIRouter(include_in_schema=False, route_class=OwnRoute)
    desk = _Desk(site)
    router.add_api_route("/corrections", desk.page)
    router.add_api_route("/corrections", desk.correct, methods=["POST"])
    router.add_api_route("/corrections/{number}", desk.settle, methods=["POST"])
    return router


class _Desk:
    """The handlers of the routes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = Frames(site)

    def page(self, request: Request, review: bool = False, lang: Language = "") -> Response:
        """Show the corrections, the latest first; ``review``: only those whose article has changed."""
        return self._shown(request, lang, review=review)

    def correct(
        self,
        request: Request,
        article: Annotated[str, Form(max_length=1000)],
        original: Annotated[str, Form(max_length=1000)],
        replacement: Annotated[str, Form(max_length=1000)] = "",
        part: Annotated[Literal["", "body", "kicker", "title", "subtitle"], Form()] = "",
        lang: Language = "",
    ) -> Response:
        """Correct a place in an article, and go there."""
        who = self._who(request)
        made = self._recorded(
            request, lang, lambda: correct_text(self._site, who, article, original.strip(), replacement.strip(), part)
        )
        if isinstance(made, Response):
            return made
        held = self._site.archive.store.catalogue.article(article)
        spans = [(c.start, c.end) for c in held.corrected("body") if c.number == made.number] if held else []
        start, end = spans[0] if spans else (None, None)
        return RedirectResponse(self._pages.chat(lang).render.article_url(article, start, end), 303)

    def settle(
        self, request: Request, number: int, action: Annotated[Literal["keep", "withdraw"], Form()], lang: Language = ""
    ) -> Response:
        """Confirm a correction for review, or withdraw one."""
        who, archive = self._who(request), self._site.archive
        act = archive.keep_correction if action == "keep" else archive.withdraw_correction
        made = self._recorded(request, lang, lambda: act(number, who=who))
        if isinstance(made, Response):
            return made
        return RedirectResponse(self._pages.chat(lang).render.view_url("corrections"), 303)

    def _who(self, request: Request) -> str:
        who = corrector(self._site, request.scope)
        if not who:
            raise HTTPException(403)
        return who

    def _recorded(self, request: Request, lang: str, make: Callable[[], Edit]) -> Edit | Response:
        """The correction if it was recorded and published, otherwise the list with the reason why not."""
        try:
            made = make()
        except BaowenError as error:
            return self._shown(request, lang, problem=str(error), status=400)
        if why := publish(self._site, made):
            return self._shown(request, lang, problem=why, status=202)
        return made

    def _shown(
        self, request: Request, lang: str, *, review: bool = False, problem: str = "", status: int = 200
    ) -> Response:
        render = self._pages.chat(lang).render
        every = self._site.archive.corrections()[::-1]
        found = [one for one in every if not review or one.state == FOR_REVIEW]
        body = render.render(
            "corrections.html",
            found=found[:_LISTED],
            more=max(0, len(found) - _LISTED),
            waiting=sum(one.state == FOR_REVIEW for one in every),
            review=review,
            problem=problem,
            may_correct=bool(corrector(self._site, request.scope)),
            standing=[one.correction.number for one in every if one.state != WITHDRAWN],
        )
        return self._pages.view(request, lang, body, render.say("Corrections"), name="corrections", status=status)
