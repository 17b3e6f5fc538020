"""Corrections of texts and names in a served archive: who may make them, and how they take effect."""

from __future__ import annotations

from starlette.types import Scope

from index.errors import BaowenError
from index.overlay import names as overlaid
from index.overlay.log import Edit

from ..access.rights import Rights, user
from .site import Site


def corrector(site: Site, scope: Scope) -> str:
    """Return the name of a request's person if they are logged in and may correct, otherwise an empty string."""
    settings = site.archive.settings
    who = user(scope)
    may = Rights(settings.access, settings.archives).may(scope, "correct", site.name)
    return who if may and site.archive.overlay is not None else ""


def correct_text(
    site: Site,
    who: str,
    article: str,
    original: str,
    replacement: str,
    part: str = "",
    start: int | None = None,
) -> Edit:
    """Record a correction of an article's text; arguments as ``Archive.correct_text``.

    Raises:
        BaowenError: the article was removed, somebody else was faster, or the texts are not valid.
    """
    if site.archive.store.catalogue.article(article) is None:
        raise BaowenError(
            f"文章 {article[:80]!r} 已不在馆藏，更正没有记下 (it was removed or renamed; nothing was recorded)；"
            "请重新检索这篇报道"
        )
    return site.archive.correct_text(article, original, replacement, who=who, start=start, part=part)


def publish(site: Site, edit: Edit) -> str:
    """Log and publish a recorded correction; return why it is not published yet, empty if it is."""
    site.note("text corrected", edit=edit.as_dict())
    try:
        with site.publishing:
            site.archive.publish_corrections()
    except BaowenError as error:  # the next build publishes it
        return str(error)
    return ""


def edit_name(
    site: Site, who: str, action: str, *, kind: str = "", name: str = "", into: str = "", number: int = 0
) -> list[Edit]:
    """Apply an action: ``merge`` a name ``into`` another, ``hide`` a wrong name, or ``undo`` a correction by number.

    Raises:
        BaowenError: there is nothing to merge, hide or undo, or corrections cannot be stored.
    """
    overlay = site.archive.overlay
    if overlay is None:
        raise BaowenError("这个馆藏没有地方存更正 (corrections cannot be stored)；请配置 database")
    if action == "undo":
        made = [overlay.undo(number, who)]
    elif action == "hide":
        made = [overlaid.hide(overlay, who, kind, name)]
    else:
        made = overlaid.merge(overlay, who, kind, [name], into)
    site.note("names corrected", numbers=[edit.number for edit in made])
    return made
