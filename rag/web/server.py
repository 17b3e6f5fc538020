"""The web chat as a server: an opened archive as a page for people and endpoints for programs."""

from __future__ import annotations

import ipaddress
import logging
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from index.errors import BaowenError
from index.text.words import names
from rag.archive import Archive
from rag.serving.server import Server

from .chat import Chat
from .completions import completions
from .feed import Feed
from .feeding import feeding
from .foreign import NoSocialTags, refuse_downloads
from .history import History
from .login import LoginMiddleware, Passwords, person
from .page import page
from .programs import told_as_json
from .routes import data
from .site import Site
from .theme import theme
from .views import views

log = logging.getLogger("baowen.chat")

_STATIC = Path(__file__).parent / "static"
_COOKIE_LASTS = 365 * 24 * 3600  # seconds


class _OwnFiles(StaticFiles):
    """Scripts and styles, asked for again at each page, so that those of an earlier version are not used."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """A file that the browser may keep, and asks whether it is still the same."""
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_app(site: Site) -> FastAPI:
    """The whole site as an ASGI app: the chat in Chinese at ``/`` and in English at ``/en/``."""
    app = FastAPI(title="报问 Baowen", docs_url=None, redoc_url=None)
    app.add_middleware(LoginMiddleware, passwords=site.passwords)
    refuse_downloads()
    secret = site.history.secret("session")
    app.add_middleware(SessionMiddleware, secret_key=secret, session_cookie="baowen", max_age=_COOKIE_LASTS)
    app.mount("/own", _OwnFiles(directory=_STATIC))
    for router in (views(site), data(site), completions(site)):
        app.include_router(router)
    if site.feed is not None:
        app.include_router(feeding(site.feed))
    for language, path in (("en", "/en"), ("zh", "/")):
        chat = Chat(site, language)
        blocks = page(chat)
        gr.mount_gradio_app(
            app,
            blocks,
            path=path,
            auth_dependency=person,
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            max_file_size=1,  # bytes: nothing here takes a file from it
            mcp_server=language == site.archive.settings.language,
            theme=theme(),
            head=chat.render.render("head.html"),
            app_kwargs={"middleware": [Middleware(NoSocialTags)]},
        )
        told_as_json(blocks)
    return app


def serve(
    archive: Archive, host: str, port: int, *, passwords: Passwords | None = None, feed: Feed | None = None
) -> None:
    """Serve the page until interrupted.

    Raises:
        BaowenError: the address cannot be listened on, or issues could be added by anybody who can reach it.
    """
    if not _is_loopback(host) and passwords is None:
        if feed is not None:
            raise BaowenError(
                f"--feed 对外开放要有登录 (needs a login on {host})；请加 --passwords 文件 或 --auth 用户:密码"
            )
        log.warning("注意：%s 对外开放而没有登录，任何能连上的人都可以提问；可加 --passwords 文件", host)
    site = Site(archive, History(archive.settings.history), passwords, feed)
    threading.Thread(target=warm, args=(archive,), daemon=True).start()
    server = Server(create_app(site), site.workers, host, port)
    log.info("打开 (open) http://%s:%d", host, port)
    try:
        with suppress(KeyboardInterrupt):
            server.run()
    except SystemExit as error:  # uvicorn's way to say that it cannot listen
        raise BaowenError(f"无法在 {host}:{port} 监听 (cannot listen)；可换 --port") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def warm(archive: Archive) -> None:
    """Load while the reader is still typing what would be loaded at the first question."""
    with suppress(ImportError):  # no package of ours, but where it is installed Gradio loads it at the first question
        import matplotlib

        matplotlib.get_backend()
    try:
        archive.retrieve("报纸", k=1)
        names("报纸")  # jieba's tagger
        _ = archive.generator.name
        log.info("模型已就绪 (models ready)")
    except BaowenError as error:
        log.error("%s", error)
