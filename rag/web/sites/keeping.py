"""Saving a search and collecting a report, for the page and the API alike."""

from __future__ import annotations

import re

from fastapi import Request

from index.errors import BaowenError
from rag.alerts.collections import Collections
from rag.alerts.kept import Kept, SavedSearch
from rag.alerts.sending import check_target

from ..access.login import person
from ..access.rights import user
from .site import Site

EMAIL = r"^([^@\s,;<>]+@[^@\s,;<>]+)?$"


class NotLoggedInError(BaowenError):
    """Alerts by mail or webhook need a login."""


def save_search(
    site: Site, kept: Kept, request: Request, query: str, name: str = "", *, email: str = "", webhook: str = ""
) -> SavedSearch:
    """Save a search for the request's person; ``email``, ``webhook``: where alerts are sent, empty for nowhere.

    Raises:
        NotLoggedInError: alerts need a login.
        BaowenError: the query cannot be parsed, an address is invalid or internal, or there are too many searches.
    """
    if (email or webhook) and not user(request.scope):
        raise NotLoggedInError("登录后才能用邮件或网址提醒 (log in to get alerts by mail or webhook)")
    if not re.match(EMAIL, email):
        raise BaowenError(f"邮箱地址 {email[:60]!r} 不对 (not a mail address)；请写成 名字@域名")
    if webhook:
        check_target(webhook, site.archive.settings.alerts.allow_internal)
    found = site.archive.search_all(query)
    return kept.save(person(request), found, name, archive=site.name, email=email, webhook=webhook)


def put_report(site: Site, mine: Collections, collection: str, article: str, note: str) -> None:
    """Add a report to a collection, or change its note.

    Raises:
        BaowenError: the report or the collection does not exist.
    """
    if site.archive.store.catalogue.article(article) is None:
        raise BaowenError(f"馆藏里没有文章 {article!r} (no such article)")
    mine.put(collection, article, note)
