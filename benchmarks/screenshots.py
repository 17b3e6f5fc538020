"""Screenshots of every view for the docs, with the packaged models: ``make screenshots``.

Uses the sample issue, drawn as PDF pages so that it has images. Needs Debian's chromium. Light and dark, desktop and
phone: ``docs/screenshots/VIEW-SIZE-COLOUR.png``. ``python -m benchmarks.screenshots VIEW…`` updates only those views.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState, sync_playwright

from index.build import build, remove
from index.config import AccessSettings, Settings
from index.models.embedder import LazyEmbedder
from index.reading import read_issue
from index.search.names import tagger_of
from rag import Archive
from rag.web.access.login import Passwords, set_password
from rag.web.history.history import History
from rag.web.sites.feed import Feed
from rag.web.sites.site import Site

from .drawn_pages import draw_page, write_pdf
from .load import serve

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "screenshots"
DATE = "2025-04-18"
SIZES = {"desktop": (1366, 768), "phone": (390, 844)}
_COLOURS = 128  # size of a picture's palette
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_QUESTION = "塔吊司机蓝采薇每天要爬多高的塔吊？"
_NAMED = "蓝采薇"
_UNANSWERED = "1999年5月的报纸登了什么？"
_HEADING = ("kicker", "title", "subtitle", "reporters")
_PERSON, _PASSWORD = "主管", "截图"


@dataclass(frozen=True)
class Served:
    """The addresses of the views: the main site, one that requires a login, and one without articles."""

    open: str
    closed: str
    empty: str


def _place(name: str) -> Callable[[Page, Served], None]:
    def open_(page: Page, _: Served) -> None:
        if page.locator("#masthead .drawer").is_visible():
            page.click("#masthead .drawer")
        page.click(f"#rail a[data-place={name}]")
        page.wait_for_selector(f"body[data-view={name}]")

    return open_


def _new(page: Page, _: Served) -> None:
    page.evaluate("document.querySelector('#new').click()")
    page.wait_for_selector("#chat .welcome", state="visible")


def _rail(page: Page, _: Served) -> None:
    if page.locator("#masthead .drawer").is_visible():
        page.click("#masthead .drawer")
    page.locator("#talks summary").first.click()


def _issue(page: Page, served: Served) -> None:
    _place("issues")(page, served)
    page.locator("#browse-view td a").first.click()
    page.wait_for_selector("#browse-view .printed")


def _article(page: Page, _: Served) -> None:
    page.locator("#chat a.cite").first.click()
    page.wait_for_selector("#reader mark")


def _printed(page: Page, served: Served) -> None:
    _article(page, served)
    page.locator("#reader [role=tab]").nth(1).click()
    page.wait_for_selector("#reader .cited-line")


def _search(page: Page, served: Served) -> None:
    _place("search")(page, served)
    page.fill("#browse-view input[name=q]", "塔吊 或 灯塔")
    page.press("#browse-view input[name=q]", "Enter")
    page.wait_for_selector("#browse-view .results")


def _names(page: Page, served: Served) -> None:
    page.goto(f"{served.open}names?name={_NAMED}&kind=person")
    page.wait_for_selector("#browse-view .results")


def _compare(page: Page, served: Served) -> None:
    page.goto(f"{served.open}compare?q=塔吊&other=工会")
    page.wait_for_selector("#browse-view .bars")


def _thread(page: Page, _: Served) -> None:
    _article(page, _)
    page.click("#reader a[href*='/threads/']")
    page.wait_for_selector("#browse-view .story")


def _kept(page: Page, served: Served) -> None:
    """The view with a saved search and a collection."""
    page.goto(f"{served.open}kept?query=塔吊")
    if not page.locator("#browse-view .results h4").count():
        page.click(".keep form button")
        page.fill(".keeping.short input[name=name]", "塔吊司机")
        page.click(".keeping.short button")
        page.goto(f"{served.open}kept")
    page.wait_for_selector("#browse-view .results h4")


def _refusal(page: Page, _: Served) -> None:
    _ask(page, _UNANSWERED)
    page.wait_for_selector("#chat .answer.refused")


def _working(page: Page, _: Served) -> None:
    _ask(page, _QUESTION)
    page.wait_for_selector("#chat .working .sources")


def _help(page: Page, _: Served) -> None:
    page.keyboard.press("Escape")
    page.click("[data-act=help]")


def _error(page: Page, _: Served) -> None:
    page.route("**/overview**", lambda route: route.abort())
    _place("overview")(page, _)
    page.wait_for_selector("#browse-view .problem")


def _missing(page: Page, served: Served) -> None:
    page.goto(f"{served.open}articles/nowhere")
    page.wait_for_selector("body[data-ready]")


def _login(page: Page, served: Served) -> None:
    page.goto(f"{served.closed}login")


def _admin(page: Page, served: Served) -> None:
    _login(page, served)
    page.fill("input[name=username]", _PERSON)
    page.fill("input[name=password]", _PASSWORD)
    page.click("form.login button")
    page.goto(f"{served.closed}admin")
    page.wait_for_selector(".admin")


def _empty(page: Page, served: Served) -> None:
    page.goto(served.empty)
    page.wait_for_selector("body[data-ready]")


VIEWS: dict[str, Callable[[Page, Served], None]] = {
    "welcome": _new,
    "chat": lambda page, served: None,
    "rail": _rail,
    "article": _article,
    "printed": _printed,
    "refusal": _refusal,
    "working": _working,
    "issues": _place("issues"),
    "issue": _issue,
    "search": _search,
    "overview": _place("overview"),
    "names": _names,
    "thread": _thread,
    "compare": _compare,
    "kept": _kept,
    "feed": _place("feed"),
    "help": _help,
    "error": _error,
    "missing": _missing,
    "login": _login,
    "admin": _admin,
    "empty": _empty,
}


def main() -> None:
    """Ask once, then take all screenshots, or the given ones."""
    wanted = sys.argv[1:] or list(VIEWS)
    if unknown := set(wanted) - set(VIEWS):
        sys.exit(f"没有这样的页面 (no such view): {' '.join(unknown)}；有 (there are) {' '.join(VIEWS)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _served() as served, sync_playwright() as playwright:
        browser = _chromium(playwright)
        conversation, state = _asked(browser, served)
        for size, (width, height) in SIZES.items():
            for colour in ("light", "dark"):
                context = browser.new_context(
                    storage_state=state,
                    viewport={"width": width, "height": height},
                    color_scheme=colour,
                    locale="zh-CN",
                )
                for view in wanted:
                    _take(context, view, conversation, served, FOLDER / f"{view}-{size}-{colour}.png")
                context.close()
        browser.close()


def _take(context: BrowserContext, view: str, conversation: str, served: Served, path: Path) -> None:
    page = context.new_page()
    page.goto(conversation)
    page.wait_for_selector("body[data-ready]")
    VIEWS[view](page, served)
    page.wait_for_timeout(400)
    page.screenshot(path=path)
    page.close()
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def _chromium(playwright: Playwright) -> Browser:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("没有 chromium (not installed)；请运行 (run): apt-get install chromium fonts-noto-cjk")
    return playwright.chromium.launch(executable_path=chromium, args=_FLAGS)


def _asked(browser: Browser, served: Served) -> tuple[str, StorageState]:
    """The address of a conversation, and the cookies of the person who asked."""
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(served.open)
    _ask(page, _QUESTION)
    page.wait_for_selector("#chat .actions", timeout=120_000)
    page.wait_for_url("**c=*")
    return page.url, page.context.storage_state()


def _ask(page: Page, question: str) -> None:
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")


@contextmanager
def _served() -> Iterator[Served]:
    settings = Settings.load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tagger = tagger_of(settings.search)
        build([_drawn(folder / "issues")], folder / "archive", LazyEmbedder(settings), settings.passages, tagger=tagger)
        archive = Archive.open(folder / "archive", settings)
        feed = Feed(folder / "added", folder / "archive", archive.embedder, settings)
        site = Site(archive, History(folder / "history.sqlite"), feed=feed)
        set_password(folder / "p.txt", _PERSON, _PASSWORD)
        access = AccessSettings(administrators=(_PERSON,), keys=folder / "keys.json")
        guarded = Archive.open(folder / "archive", settings.model_copy(update={"access": access}))
        closed = Site(guarded, History(folder / "closed.sqlite"), Passwords(folder / "p.txt"), feed)
        empty = Site(_emptied(folder / "none", settings), History(folder / "none.sqlite"), feed=feed)
        yield Served(serve(site), serve(closed), serve(empty))


def _drawn(folder: Path) -> Path:
    """The sample issue as one PDF per page."""
    texts = sorted((ROOT / "issues" / DATE).glob("*.md"))
    articles = read_issue([(text, f"{DATE}/{text.name}") for text in texts]).articles
    (folder / DATE).mkdir(parents=True)
    for number in range(1, len(texts) + 1):
        held = [
            {"body": article.paragraphs} | {part: getattr(article, part) for part in _HEADING}
            for article in articles
            if article.page == number and article.title
        ]
        masthead = f"江州劳动报 2025年4月18日 星期五 第{number}版 要闻"
        write_pdf(draw_page(held, 5, seed=number, masthead=masthead), folder / DATE / f"{number:02}.pdf")
    return folder


def _emptied(folder: Path, settings: Settings) -> Archive:
    """An archive whose last article has been removed."""
    text = folder / "issues" / DATE / "01.md"
    text.parent.mkdir(parents=True)
    text.write_text("# 夜市开张\n\n本报讯（记者 甲乙）夜市昨晚开张。\n", encoding="utf-8")
    embedder = LazyEmbedder(settings)
    build([folder / "issues"], folder / "archive", embedder, settings.passages)
    held = [article.id for article in Archive.open(folder / "archive", settings).store.articles(9)]
    remove(held, folder / "archive", embedder, settings.passages)
    return Archive.open(folder / "archive", settings)


if __name__ == "__main__":
    main()
