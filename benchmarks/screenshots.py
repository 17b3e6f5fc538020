"""Pictures of each view for the docs, with the packaged models on the sample issue: ``make screenshots``.

Needs Debian's chromium. Light and dark, desktop and phone; ``docs/screenshots/VIEW-SIZE-COLOUR.png``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from index.build import build
from index.config import Settings
from index.models.embedder import LazyEmbedder
from rag import Archive
from rag.web.history.history import History
from rag.web.sites.feed import Feed
from rag.web.sites.site import Site

from .load import serve

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"desktop": (1366, 768), "phone": (390, 844)}
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_QUESTION = "塔吊司机蓝采薇每天要爬多高的塔吊？"


def _place(name: str) -> Callable[[Page], None]:
    def open_(page: Page) -> None:
        if page.locator("#masthead .drawer").is_visible():
            page.click("#masthead .drawer")
        page.click(f"#rail a[data-place={name}]")
        page.wait_for_selector(f"body[data-view={name}]")

    return open_


def _new(page: Page) -> None:
    page.evaluate("document.querySelector('#new').click()")
    page.wait_for_selector("#chat .welcome", state="visible")


def _issue(page: Page) -> None:
    _place("issues")(page)
    page.locator("#browse-view td a").first.click()
    page.wait_for_selector("#browse-view .printed")


def _article(page: Page) -> None:
    page.locator("#chat a.cite").first.click()
    page.wait_for_selector("#reader mark")


def _search(page: Page) -> None:
    _place("search")(page)
    page.fill("#browse-view input[name=q]", "塔吊 或 灯塔")
    page.press("#browse-view input[name=q]", "Enter")
    page.wait_for_selector("#browse-view .results")


VIEWS: dict[str, Callable[[Page], None]] = {
    "welcome": _new,
    "chat": lambda page: None,
    "article": _article,
    "issues": _place("issues"),
    "issue": _issue,
    "search": _search,
    "overview": _place("overview"),
    "feed": _place("feed"),
}


def main() -> None:
    """Ask once, then take every picture."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("没有 chromium (not installed)；请运行 (run): apt-get install chromium fonts-noto-cjk")
    settings = Settings.load()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        build([ROOT / "issues"], folder / "archive", LazyEmbedder(settings), settings.passages)
        archive = Archive.open(folder / "archive", settings)
        feed = Feed(folder / "added", folder / "archive", archive.embedder, settings)
        address = serve(Site(archive, History(folder / "history.sqlite"), feed=feed))
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        known = browser.new_context(locale="zh-CN")
        page = known.new_page()
        page.goto(address)
        page.fill("#question textarea", _QUESTION)
        page.press("#question textarea", "Enter")
        page.wait_for_selector("#chat .actions", timeout=120_000)
        page.wait_for_url("**c=*")
        state, conversation = known.storage_state(), page.url
        for size, (width, height) in SIZES.items():
            for colour in ("light", "dark"):
                context = browser.new_context(
                    storage_state=state,
                    viewport={"width": width, "height": height},
                    color_scheme=colour,
                    locale="zh-CN",
                )
                for view, go in VIEWS.items():
                    page = context.new_page()
                    page.goto(conversation)
                    page.wait_for_selector("body[data-ready]")
                    go(page)
                    page.wait_for_timeout(300)
                    page.screenshot(path=FOLDER / f"{view}-{size}-{colour}.png")
                    page.close()
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
