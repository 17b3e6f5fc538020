"""``/health``: the process is alive. ``/ready``: it can answer; the reasons only for those who may read."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from index.packing import free_bytes

from ..access.rights import Rights
from .site import Site

_LEAST_FREE = 64 << 20  # bytes; with less, the history and builds will soon fail


def health(site: Site, *others: Site) -> APIRouter:
    """Return the two routes, which load no models and read as little as possible.

    Args:
        site: the archive that they are about.
        others: further archives of the server; one that cannot answer makes it degraded.
    """
    router = APIRouter(include_in_schema=False)
    settings = site.archive.settings
    rights = Rights(settings.access, settings.archives)

    def may_know(request: Request, of: Site = site) -> bool:
        return rights.may(request.scope, "read", of.name)

    @router.get("/health")
    def alive(request: Request) -> Response:
        """Return the status ok, and the archive's snapshot if the client may read it."""
        if not may_know(request):
            return JSONResponse({"status": "ok"})
        try:
            store = site.archive.store
        except Exception as error:
            return JSONResponse({"status": "ok", "archive": str(error)})
        return JSONResponse({"status": "ok", "snapshot": store.snapshot, "articles": store.stamp.articles})

    @router.get("/ready")
    def ready(request: Request) -> Response:
        """Return 503 if questions cannot be answered now; ``degraded`` lists what else does not work."""
        wrong, degraded = problems(site)
        broken = [(other, why) for other in others for why in problems(other)[0] if why not in wrong]
        state = "unready" if wrong else "degraded" if degraded or broken else "ready"
        if site.workers.closed:
            state = "stopping"
        degraded += [f"{other.name}：{why}" for other, why in broken if may_know(request, other)]
        why = {"problems": wrong, "degraded": degraded} if may_know(request) else {}
        return JSONResponse({"status": state, **why}, 503 if wrong else 200)

    return router


def problems(site: Site) -> tuple[list[str], list[str]]:
    """Return why questions cannot be answered, and what else does not work."""
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
