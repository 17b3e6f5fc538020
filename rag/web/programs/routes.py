"""Data for other programs: exported conversations, and metrics."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import PlainTextResponse, Response

from index.errors import BaowenError

from ..access.login import person
from ..rendering import exports
from ..requests.responses import file_response
from ..sites.site import Site


def data(site: Site) -> APIRouter:
    """Return the routes of a site."""
    router = APIRouter(include_in_schema=False)

    @router.get("/conversations/{name}")
    def conversation(request: Request, name: str) -> Response:
        """Return a conversation as a file."""
        identity, _, form = name.partition(".")
        turns = site.history.turns(person(request), identity)
        if not turns or form not in ("md", *exports.DOCUMENTS):
            raise HTTPException(404)
        site.note("exported", conversation=identity, form=form, snapshots=sorted({turn.snapshot for turn in turns}))
        title = turns[0].question[:40]
        if form == "md":
            return file_response(exports.markdown(turns).encode(), title, form, "text/markdown; charset=utf-8")
        try:
            make, kind = exports.DOCUMENTS[form]
            return file_response(make(turns, title), title, form, kind)
        except BaowenError as error:  # a package that it needs is not installed
            return PlainTextResponse(str(error), 400)

    @router.get("/metrics")
    def metrics() -> Response:
        """Return counts and times for Prometheus."""
        return Response(generate_latest(site.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
