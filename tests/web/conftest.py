import shutil
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import sync_playwright

from app import create_app
from index.config import Settings
from rag.web.history.history import History
from rag.web.sites.feed import Feed
from rag.web.sites.site import Site

from ..conftest import FakeEmbedder, FakeGenerator, opened
from .browsers import CHROMIUM, FLAGS, REPLY, SlowGenerator


@pytest.fixture(scope="package")
def reading_client(sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("read")
    settings = Settings(embedder={"model": "fake"}, search={"names": False}, limits={"requests": 0, "calls": 0})
    archive = opened(sample, settings, FakeEmbedder(), FakeGenerator(REPLY))
    feed = Feed(folder / "added", folder / "archive", FakeEmbedder(), settings)
    with TestClient(create_app(Site(archive, History(folder / "history.sqlite"), feed=feed))) as client:
        yield client


@pytest.fixture
def reader(reading_client):
    """A new browser at one site for all the tests that leave it as it is: to make an app takes a second."""
    reading_client.cookies.clear()
    return reading_client


@contextmanager
def serving(site):
    """The site on a port of its own: its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(site), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@contextmanager
def opening(browser, address):
    """Opens pages as new people; afterwards nothing went to another host and no error was logged."""
    problems, contexts = [], []

    def open_(path="/", **options):
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", **options}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(45_000)  # a busy machine
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith((address, "data:", "blob:")) else problems.append(f"asked {r.url}"),
        )
        page.goto(address + path)
        page.wait_for_selector("body[data-ready]")
        return page

    open_.problems = problems
    yield open_
    seen = list(problems)
    for context in contexts:
        context.close()
    assert seen == []


@pytest.fixture(scope="package")
def served(sample, tmp_path_factory):
    """The site with fakes: address and site."""
    folder = tmp_path_factory.mktemp("site")
    embedder = FakeEmbedder()
    settings = Settings(embedder={"model": "fake"})
    archive = opened(shutil.copytree(sample, folder / "archive"), settings, embedder, SlowGenerator(REPLY))
    feed = Feed(folder / "added", folder / "archive", embedder, settings)
    site = Site(archive, History(folder / "history.sqlite"), feed=feed)
    with serving(site) as address:
        yield address, site


@pytest.fixture(scope="package")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, served):
    """Opens the page as a new person, as ``opening`` says."""
    address, site = served
    site.archive._generator = SlowGenerator(REPLY)
    with opening(browser, address) as open_:
        yield open_
