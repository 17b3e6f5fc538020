"""Corrections of misread text as JSON: ``/api/corrections``.

People who are logged in and may correct the archive can add corrections (POST), which are published at once.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from index.errors import BaowenError
from index.overlay.log import Edit
from index.overlay.texts import LONGEST

from ..sites.correcting import correct_text, corrector, publish
from ..sites.site import Site


class _TextEdit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: Literal["correct", "withdraw", "keep"]
    article: str = Field("", max_length=1000)
    original: str = Field("", max_length=LONGEST)
    replacement: str = Field("", max_length=LONGEST)
    start: int | None = Field(None, ge=0)
    part: Literal["", "body", "kicker", "title", "subtitle"] = ""
    number: int = 0


def correction_routes(site: Site) -> APIRouter:
    """Return the routes of a site."""
    router = APIRouter(include_in_schema=False)
    archive = site.archive

    @router.get("/api/corrections")
    def corrections() -> Response:
        return JSONResponse({"corrections": [status.as_dict() for status in archive.corrections()]})

    @router.post("/api/corrections")
    def correct(request: Request, edit: _TextEdit) -> Response:
        who = corrector(site, request.scope)
        if not who:
            return JSONResponse({"error": "您不能更正这个馆藏的文字 (you may not correct texts here)"}, 403)
        try:
            made = recorded(edit, who)
        except BaowenError as error:
            return JSONResponse({"error": str(error)}, 400)
        why = publish(site, made)
        told = {"edit": made.as_dict(), "published": not why} | ({"why": why} if why else {})
        return JSONResponse(told, 202 if why else 200)

    def recorded(edit: _TextEdit, who: str) -> Edit:
        if edit.action == "withdraw":
            return archive.withdraw_correction(edit.number, who=who)
        if edit.action == "keep":
            return archive.keep_correction(edit.number, who=who)
        return correct_text(site, who, edit.article, edit.original, edit.replacement, edit.part, edit.start)

    return router
