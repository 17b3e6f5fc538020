"""Login and logout on the page."""

from __future__ import annotations

from typing import Annotated

import anyio
from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from ..access.doors import Doors, TooManyGuessesError
from ..access.middleware import too_many
from ..chat.frame import Language
from ..rendering.alone import Alone
from ..requests.prefix import prefix
from ..sites.site import Site

_AFTER_FAILURE_S = 1.0  # delay after a wrong password


def logins(site: Site, doors: Doors) -> APIRouter:
    """Return the routes ``/login`` and ``/logout``."""
    router = APIRouter(include_in_schema=False)
    alone = Alone(site.archive.settings.language)
    elsewhere = doors.access.openid is not None

    @router.get("/login")
    def login_page(lang: Language = "") -> Response:
        return alone.page("login.html", lang, elsewhere=elsewhere)

    @router.post("/login")
    async def log_in(
        request: Request, username: Annotated[str, Form()], password: Annotated[str, Form()], lang: Language = ""
    ) -> Response:
        page_wanted = "text/html" in request.headers.get("accept", "")
        address = request.client.host if request.client else ""
        try:
            known = await doors.looked_at(doors.by_password, username, password, address)
        except TooManyGuessesError as error:
            return too_many(error)
        if not known:
            await anyio.sleep(_AFTER_FAILURE_S)
            if page_wanted:
                return alone.page("login.html", lang, 401, failed=True, elsewhere=elsewhere)
            return JSONResponse({"success": False}, 401)
        doors.enter(request.session, username)
        site.note("login")
        return RedirectResponse(f"{prefix()}/", 303) if page_wanted else JSONResponse({"success": True})

    @router.get("/logout")
    def log_out(request: Request) -> Response:
        site.note("logout")
        site.sessions.end(request.session)
        return RedirectResponse(f"{prefix()}/login", 303)

    return router
