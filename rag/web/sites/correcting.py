"""Who may correct the texts of a served archive, and how what they correct is published."""

from __future__ import annotations

from starlette.types import Scope

from index.errors import BaowenError
from index.overlay.log import Edit

from ..access.rights import Rights, user
from .site import Site


def corrector(site: Site, scope: Scope) -> str:
    """The name of whoever makes a request, where they may correct texts: logged in, and with the right; else empty."""
    settings = site.archive.settings
    who = user(scope)
    may = Rights(settings.access, settings.archives).may(scope, "correct", site.name)
    return who if may and site.archive.overlay is not None else ""


def publish(site: Site, edit: Edit) -> str:
    """Note and publish what was recorded; why it is not published yet, empty where it is."""
    site.note("text corrected", edit=edit.as_dict())
    try:
        with site.publishing:
            site.archive.publish_corrections()
    except BaowenError as error:  # the next build publishes it
        return str(error)
    return ""
