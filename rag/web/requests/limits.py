"""What the page's own requests may be: of this site, and not too large."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from .protocol import LimitedBody

_READS = ("GET", "HEAD", "OPTIONS")


class OwnRoute(APIRoute):
    """A route of the page: another site's pages may not post to it, and a body has a limit."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with what is refused told as JSON."""
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
    """Whether a browser says that the page of another site makes the request; programs say nothing."""
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
