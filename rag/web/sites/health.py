"""``/health``: the process is alive. ``/ready``: it can answer; why not, to those who may read the archive."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from index.packing import free_bytes

from ..access.rights import Rights
from .site import Site

_LEAST_FREE = 64 << 20  # bytes; with less the history and a build fail soon


def health(site: Site) -> APIRouter:
    """The two routes; neither loads a model nor reads more than it must."""
    router = APIRouter(include_in_schema=False)
    settings = site.archive.settings
    rights = Rights(settings.access, settings.archives)

    def may_know(request: Request) -> bool:
        return rights.may(request.scope, "read", site.name)

    @router.get("/health")
    def alive(request: Request) -> Response:
        """Always the status ok; with the archive's state where it can be read, and by whoever asks."""
        if not may_know(request):
            return JSONResponse({"status": "ok"})
        try:
            store = site.archive.store
        except Exception as error:
            return JSONResponse({"status": "ok", "archive": str(error)})
        return JSONResponse({"status": "ok", "snapshot": store.snapshot, "articles": store.stamp.articles})

    @router.get("/ready")
    def ready(request: Request) -> Response:
        """Status 503 where questions cannot be answered now; ``degraded`` names what else does not work."""
        wrong, degraded = problems(site)
        state = "unready" if wrong else "degraded" if degraded else "ready"
        if site.workers.closed:
            state = "stopping"
        why = {"problems": wrong, "degraded": degraded} if may_know(request) else {}
        return JSONResponse({"status": state, **why}, 503 if wrong else 200)

    return router


def problems(site: Site) -> tuple[list[str], list[str]]:
    """Why questions cannot be answered, and what does not work beside that."""
    wrong = [site.models.problem] if site.models.problem else []
    degraded = [site.models.degraded] if site.models.degraded else []
    try:
        site.archive.store.dates()  # reads a page of the database
    except Exception as error:
        wrong.append(f"馆藏打不开 (cannot open the archive): {error}")
    if site.workers.closed:
        wrong.append("服务正在停止 (shutting down)")
    if site.history.problem:
        degraded.append(site.history.problem)
    free = free_bytes(site.archive.settings.history.absolute().parent)
    if free < _LEAST_FREE:
        degraded.append(f"磁盘将满 (disk nearly full): {free >> 20} MB")
    return wrong, degraded
