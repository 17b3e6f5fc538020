"""The web server: serves opened archives as pages for people and endpoints for programs."""

from __future__ import annotations

import ipaddress
import logging
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from index.errors import BaowenError
from index.extras import install_line, installed
from index.text.words import names
from rag.alerts.running import Runner
from rag.alerts.shared import open_kept
from rag.archive import Archive
from rag.serving.server import Server

from .access.doors import Doors
from .access.login import Passwords, person
from .access.middleware import LoginMiddleware
from .access.rights import Rights
from .access.throttling import Limited
from .chat.chat import Chat
from .gradio_page.foreign import OwnPage, refuse_downloads
from .gradio_page.page import page
from .gradio_page.theme import theme
from .gradio_page.uploads import NoUploads
from .programs.completions import completions
from .programs.corrections import correction_routes
from .programs.kept import feed_routes, kept_routes, may_read
from .programs.people import people_routes
from .programs.programs import told_as_json
from .programs.routes import data
from .requests.forgery import NoForgery
from .requests.policy import SecurityHeaders
from .requests.prefix import Prefixed, written_from
from .requests.stopping import Stopping
from .research.corrections import correcting
from .research.kept import kept_views
from .research.names import name_views
from .research.stories import story_views
from .several import add_archives
from .sites.feed import Feed
from .sites.health import health
from .sites.site import ModelStatus, Site
from .sites.state import open_conversations, shared_database
from .views.admin import admin
from .views.feeding import feeding
from .views.logins import logins
from .views.openid import openid
from .views.pictures import picture_routes
from .views.report import report_routes
from .views.search import search_routes
from .views.views import views

log = logging.getLogger("baowen.chat")

_STATIC = Path(__file__).parent / "static"
_COOKIE_LASTS = 365 * 24 * 3600  # seconds


def create_app(*sites: Site) -> FastAPI:
    """Return the server as an ASGI app: a single site at ``/``, or several named ones below ``/archives/NAME/``."""
    first = sites[0]
    settings = first.archive.settings
    doors = Doors(first.passwords, settings.access, first.audit, first.sessions)
    rights = Rights(settings.access, settings.archives)
    refuse_downloads()
    if not installed("mcp"):
        log.info("没有装 mcp，问答网页不提供 MCP 工具 (no MCP tools)；%s", install_line("mcp"))
    app = _new_app()
    app.include_router(logins(first, doors))
    if settings.access.openid is not None:
        app.include_router(openid(first, settings.access.openid, doors))
    app.include_router(admin(sites, doors, rights))
    app.include_router(feed_routes(sites, rights))
    if first.name:
        app.include_router(health(first, *sites[1:]))
        add_archives(app, [(site, _add_pages(_new_app(), site)) for site in sites], rights)
    else:
        _add_pages(app, first)
    # From the inside out: rate limits, stopping, login, session, cross-site requests, headers, proxy.
    app.add_middleware(Limited, settings=settings.limits)
    app.add_middleware(Stopping, workers=first.workers, finishing=settings.answers.finishing_seconds)
    app.add_middleware(LoginMiddleware, doors=doors)
    secret = first.history.secret("session")
    app.add_middleware(SessionMiddleware, secret_key=secret, session_cookie="baowen", max_age=_COOKIE_LASTS)
    app.add_middleware(NoForgery, proxies=settings.access.proxies)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.access.proxies))
    app.add_middleware(Prefixed, root_path=settings.root_path)
    return app


class _OwnFiles(StaticFiles):
    """Scripts and styles that browsers revalidate for each page, so that none of an earlier version is used."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file that the browser may cache but must revalidate."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _new_app() -> FastAPI:
    app = FastAPI(title="报问 Baowen", docs_url=None, redoc_url=None)
    app.mount("/own", _OwnFiles(directory=_STATIC))
    return app


def _add_pages(app: FastAPI, site: Site) -> FastAPI:
    """Add the pages and endpoints of one archive, with the chat in Chinese at ``/`` and in English at ``/en/``."""
    for router in (health(site), views(site), data(site), picture_routes(site), search_routes(site), completions(site)):
        app.include_router(router)
    for router in (people_routes(site), correction_routes(site), kept_routes(site), report_routes(site)):
        app.include_router(router)
    for router in (name_views(site), story_views(site), kept_views(site), correcting(site)):
        app.include_router(router)
    if site.feed is not None:
        app.include_router(feeding(site.feed))
    for language, path, up in (("en", "/en", ".."), ("zh", "/", ".")):
        with written_from(up):
            chat = Chat(site, language)
            blocks, head = page(chat), chat.render.render("head.html")
        app = gr.mount_gradio_app(
            app,
            blocks,
            path=path,
            auth_dependency=person,
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            max_file_size=1,  # bytes; no uploads through Gradio
            mcp_server=installed("mcp") and language == site.archive.settings.language,
            theme=theme(),
            root_path="",  # Prefixed sets it for each request
            head=head,
            app_kwargs={"middleware": [Middleware(OwnPage), Middleware(NoUploads)]},
        )
        told_as_json(blocks)
    return app


def serve(
    archive: Archive, host: str, port: int, *, passwords: Passwords | None = None, feed: Feed | None = None
) -> None:
    """Serve the page of one archive until interrupted; errors as ``serve_sites``."""
    history = open_conversations(archive.settings, shared_database(archive.settings))
    serve_sites([Site(archive, history, passwords, feed)], host, port)


def serve_sites(sites: Sequence[Site], host: str, port: int) -> None:
    """Serve sites that share workers, models and history until interrupted.

    Raises:
        BaowenError: the server cannot listen on the address, or anybody who can reach it could add issues.
    """
    first = sites[0]
    if not _is_loopback(host) and not Doors(first.passwords, first.archive.settings.access).closed:
        if any(site.feed is not None for site in sites):
            raise BaowenError(
                f"--feed 对外开放要有登录 (needs a login on {host})；请加 --passwords 文件 或 --auth 用户:密码"
            )
        log.warning("注意：%s 对外开放而没有登录，任何能连上的人都可以提问；可加 --passwords 文件", host)
    first.models.problem = "模型正在载入 (models are being loaded)"
    threading.Thread(target=warm, args=(first.archive, first.models), daemon=True).start()
    server = Server(create_app(*sites), first.workers, host, port, first.archive.settings.answers.finishing_seconds)
    alerts = _alerts(sites)
    alerts.start()
    log.info("打开 (open) http://%s:%d", host, port)
    try:
        with suppress(KeyboardInterrupt):
            server.run()
    except SystemExit as error:  # uvicorn exits like this if it cannot listen
        raise BaowenError(f"无法在 {host}:{port} 监听 (cannot listen)；可换 --port") from error
    finally:
        alerts.stop()


def _alerts(sites: Sequence[Site]) -> Runner:
    """The thread that alerts people about new hits while the server runs."""
    settings = sites[0].archive.settings
    archives = {site.name: site.archive for site in sites}
    return Runner(open_kept(settings), archives, settings.alerts, may_read(Rights(settings.access, settings.archives)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def warm(archive: Archive, models: ModelStatus) -> None:
    """Load models while the reader is still typing the first question."""
    with suppress(ImportError):  # not our dependency, but Gradio loads it at the first question if it is installed
        import matplotlib

        matplotlib.get_backend()
    try:
        archive.retrieve("报纸", k=1)
        names("报纸")  # jieba's tagger
        _ = archive.pair
    except BaowenError as error:
        models.problem = str(error)
        log.error("%s", error)
        return
    try:
        _ = archive.generator.name
        log.info("模型已就绪 (models ready)")
    except BaowenError as error:  # answers can still quote the newspaper
        models.degraded = str(error)
        log.error("%s", error)
    models.problem = ""
