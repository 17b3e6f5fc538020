"""The administrator's page: archives, people, keys, models, queue, disk, recent errors, usage, additions."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import JSONResponse, Response

from index.errors import BaowenError
from index.packing import free_bytes
from index.secret import without_logins
from index.types import JsonObject

from ..access.doors import Doors
from ..access.rights import Rights
from ..rendering.alone import Alone
from ..sites.health import problems
from ..sites.site import Site

_ERRORS = 50
_DAYS = 30
_ADDED = 50
_CHANGES = ("added", "built", "removed", "unpacked", "rolled back", "text corrected", "names corrected")

Item = TypeVar("Item")


class RecentErrors(logging.Handler):
    """Keeps the last warnings and errors of this process."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.kept: deque[dict[str, str]] = deque(maxlen=_ERRORS)

    def emit(self, record: logging.LogRecord) -> None:
        """Store a message."""
        when = logging.Formatter().formatTime(record, "%Y-%m-%d %H:%M:%S")
        self.kept.append(
            {"time": when, "level": record.levelname, "message": without_logins(record.getMessage())[:500]}
        )


def admin(sites: Sequence[Site], doors: Doors, rights: Rights) -> APIRouter:
    """Return the routes ``/admin`` and, for programs, ``/admin.json``; both are 404 except for administrators."""
    router = APIRouter(include_in_schema=False)
    alone = Alone(sites[0].archive.settings.language)
    errors = RecentErrors()
    logging.getLogger("baowen").addHandler(errors)
    for package in ("rag", "index", "uvicorn"):
        logging.getLogger(package).addHandler(errors)

    def looked(request: Request) -> JsonObject:
        if not rights.may(request.scope, "administer"):
            raise HTTPException(404)
        sites[0].note("administered")
        return figures(sites, doors, rights) | {"errors": list(reversed(errors.kept))}

    @router.get("/admin")
    def page(request: Request, lang: str = "") -> Response:
        return alone.page("admin.html", lang, columns=_columns, **looked(request))

    @router.get("/admin.json")
    def data(request: Request) -> Response:
        return JSONResponse(looked(request))

    return router


def figures(sites: Sequence[Site], doors: Doors, rights: Rights) -> JsonObject:
    """Return the data of the page, without secrets: no hashes, no passwords, no questions."""
    first = sites[0]
    settings = first.archive.settings
    wrong, degraded = problems(first)
    unread: list[str] = []  # what else cannot be read just now; the page shows the rest
    places = [folder for site in sites if (folder := _folder(site)) is not None]
    names = doors.passwords.names if doors.passwords is not None else []
    people = sorted({*names, *(person for group in settings.access.groups.values() for person in group)})
    return {
        "archives": [_archive(site) for site in sites],
        "people": [
            {
                "name": person,
                "groups": rights.groups_of(person),
                "archives": [site.name for site in sites if rights.person_may(person, "read", site.name)],
                "administrator": rights.person_may(person, "administer"),
            }
            for person in people
        ],
        "keys": [
            {"name": key.name, "person": key.person, "archives": key.archives, "until": key.until, "over": key.is_over}
            for key in _read(unread, doors.keys.all)
        ],
        "models": {"embedder": settings.embedder.model, "generator": settings.generator.model},
        "queue": {"in line": len(first.archive.queue), "under way": len(first.workers)},
        "disk": {str(path): free_bytes(path) for path in (settings.history.absolute().parent, settings.cache, *places)},
        "usage": [row for site in sites for row in _read(unread, partial(site.history.usage, _DAYS))],
        "added": _added(first),
        "problems": [*wrong, *degraded, *dict.fromkeys(unread)],
    }


def _read(unread: list[str], read: Callable[[], list[Item]]) -> list[Item]:
    """What is read; nothing if that fails, and why is added to ``unread``."""
    try:
        return read()
    except BaowenError as error:
        unread.append(str(error))
        return []


def _columns(rows: Sequence[JsonObject]) -> list[str]:
    """The names in any of the rows, in their order: lines of the audit log have different ones."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _archive(site: Site) -> JsonObject:
    try:
        store, folder = site.archive.store, _folder(site)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder else 0
        return {"name": site.name, "snapshot": store.snapshot, "articles": store.stamp.articles, "bytes": size}
    except Exception as error:
        return {"name": site.name, "problem": str(error)}


def _folder(site: Site) -> Path | None:
    """The folder of an archive with its earlier snapshots and its pictures; None if it is not stored in files."""
    try:
        snapshot = getattr(site.archive.store, "folder", None)
    except BaowenError:
        return None
    return snapshot.absolute().parent.parent if snapshot else None


def _added(site: Site) -> list[JsonObject]:
    """Who last changed an archive, from the audit log, newest first."""
    kept: deque[JsonObject] = deque(maxlen=_ADDED)
    for entry in site.audit.entries():
        if entry.get("action") in _CHANGES:
            edit = entry.pop("edit", None)  # of a correction the page needs its article alone
            kept.append(
                entry | ({"articles": [edit["details"]["article"]]} if edit and "article" in edit["details"] else {})
            )
    return list(reversed(kept))
