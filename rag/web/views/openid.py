"""Login by OpenID Connect: ``/openid/login`` redirects to the organisation's page, which redirects back."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from index.config import OpenIDSettings
from index.extras import require

from ..access.doors import Doors
from ..rendering.alone import Alone
from ..requests.prefix import connection, prefix
from ..sites.site import Site

log = logging.getLogger(__name__)


def openid(site: Site, settings: OpenIDSettings, doors: Doors, **options: object) -> APIRouter:
    """Return the two routes. Authlib checks state, nonce, signature, issuer, audience and times.

    Args:
        site: the site with the sessions and the audit log.
        settings: the provider and our client's id and secret.
        doors: note failed logins, of one address only so many a minute.
        options: further options of the HTTP client, for tests.
    """
    require("authlib", "openid", "统一登录 (OpenID Connect) ")
    from authlib.integrations.starlette_client import OAuth

    router = APIRouter(include_in_schema=False)
    client = OAuth().register(
        "organisation",
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", **options},
    )
    alone = Alone(site.archive.settings.language)

    def failed(request: Request, error: Exception) -> Response:
        log.warning("统一登录失败 (OpenID Connect): %s", error)
        doors.refused("", request.client.host if request.client else "", why="openid")
        return alone.page("login.html", status=401, failed=True, elsewhere=True)

    @router.get("/openid/login")
    async def begin(request: Request) -> Response:
        seen = connection() or request  # with the path prefix that a proxy removed
        back = str(seen.base_url.replace(path=f"{prefix()}/openid/callback", query=""))
        try:
            sent: Response = await client.authorize_redirect(request, back)
        except Exception as error:  # whatever fails at the provider, nobody is let in
            return failed(request, error)
        return sent

    @router.get("/openid/callback")
    async def end(request: Request) -> Response:
        try:
            token = await client.authorize_access_token(request)
        except Exception as error:
            return failed(request, error)
        name = str((token.get("userinfo") or {}).get(settings.name_claim) or "").strip()[:64]
        if not name:
            return failed(request, ValueError(f"no claim {settings.name_claim}"))
        site.sessions.begin(request.session, name, by="openid")
        site.note("login", by="openid")
        return RedirectResponse(f"{prefix()}/", 303)

    return router
