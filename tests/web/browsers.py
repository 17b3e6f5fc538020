"""A real browser for the page's tests. Needs Debian's chromium: ``apt-get install chromium fonts-noto-cjk``."""

import shutil
import threading
import time
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ..conftest import FakeGenerator

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Without these Chromium asks hosts of its maker at every start; as root it needs no sandbox of its own.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
QUESTION = "蓝采薇每天爬多高的塔吊？"
REPLY = "蓝采薇每天要爬68米高的塔吊。"
NEEDED = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium fonts-noto-cjk"),
]
expect.set_options(timeout=45_000)  # a busy machine


class SlowGenerator(FakeGenerator):
    """Speaks slowly enough to be seen, and to be stopped."""

    pause = 0.02

    def __init__(self, reply):
        super().__init__(reply)
        self.may_speak = threading.Event()
        self.may_speak.set()

    def stream(self, messages, max_tokens):
        self.may_speak.wait(30)
        for piece in super().stream(messages, max_tokens):
            time.sleep(self.pause)
            yield piece


def ask(page, question=QUESTION):
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")


def go(page, place):
    """Open a view by the rail: ``issues``, ``search``, ``overview``, ``feed``."""
    page.click(f"#rail a[data-place={place}]")
    page.wait_for_selector(f"body[data-view={place}]")


def serious(page):
    """What axe finds in the page that is serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")
    ]


@contextmanager
def leaving(problems):
    """What is no problem of the page: Gradio logs what leaving cuts off, the browser what could not be loaded."""
    before = len(problems)
    yield
    cut_off = ("AbortError", "errored out", "Failed to fetch", "Failed to load resource", "etwork error")
    cut_off += ("ERR_INCOMPLETE_CHUNKED_ENCODING",)
    problems[before:] = [problem for problem in problems[before:] if not any(words in problem for words in cut_off)]


def reload(page, problems):
    """Open the same page again."""
    with leaving(problems):
        page.reload()
        page.wait_for_selector("body[data-ready]")
