"""Limits on the page's own requests: they must come from this site and must not be too large."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from .protocol import LimitedBody

_READS = ("GET", "HEAD", "OPTIONS")


class OwnRoute(APIRoute):
    """A route of the page: pages of other sites may not post to it, and the body's size is limited."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, None, Response]]:
        """Return the handler, with refusals as JSON."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            if request.method not in _READS and is_foreign(request):
                return JSONResponse({"error": "只能从本站的页面操作 (only from this site's own pages)"}, 403)
            body = LimitedBody(request.receive)
            try:
                return await handle(Request(request.scope, body))
            except HTTPException as error:
                if body.problem:
                    return JSONResponse({"error": body.problem}, 413)
                raise error

        return handled


def is_foreign(request: Request) -> bool:
    """Return whether the browser says that another site's page makes the request; programs do not say."""
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
