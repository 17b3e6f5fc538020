"""The page in a real browser. Needs Debian's chromium: ``apt-get install chromium fonts-noto-cjk``."""

import json
import re
import shutil
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright

from app import create_app
from index.build import build
from index.config import PassageSettings, Settings
from rag import Archive
from rag.web.feed import Feed
from rag.web.history import History
from rag.web.site import Site

from ..conftest import ISSUES, FakeEmbedder, FakeGenerator, FakePairModel

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
expect.set_options(timeout=15_000)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium fonts-noto-cjk"),
]

# Without these Chromium asks hosts of its maker at every start; as root it needs no sandbox of its own.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
QUESTION = "蓝采薇每天爬多高的塔吊？"
REPLY = "蓝采薇每天要爬68米高的塔吊。"


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


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The site with fakes, on a port of its own: address and site."""
    folder = tmp_path_factory.mktemp("site")
    embedder = FakeEmbedder()
    settings = Settings(embedder={"model": "fake"})
    build([ISSUES], folder / "archive", embedder, PassageSettings())
    archive = Archive.open(folder / "archive", settings)
    archive.embedder, archive._generator, archive._pair = embedder, SlowGenerator(REPLY), FakePairModel()
    feed = Feed(folder / "added", folder / "archive", embedder, settings)
    site = Site(archive, History(folder / "history.sqlite"), feed=feed)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(site), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", site
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, served):
    """Opens the page as a new person; afterwards nothing went to another host and no error was logged."""
    address, site = served
    site.archive._generator = SlowGenerator(REPLY)
    problems, contexts = [], []

    def open_(path="/", ready="#question textarea", **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith((address, "data:", "blob:")) else problems.append(f"asked {r.url}"),
        )
        page.goto(address + path)
        page.wait_for_selector(ready)
        return page

    open_.problems = problems
    yield open_
    seen = list(problems)
    for context in contexts:
        context.close()
    assert seen == []


@contextmanager
def leaving(problems):
    """Leaving a page cuts off what Gradio was listening to, which it logs; that is no problem of the page."""
    before = len(problems)
    yield
    cut_off = ("AbortError", "errored out")
    problems[before:] = [p for p in problems[before:] if not any(words in p for words in cut_off)]


def reload(page, problems):
    with leaving(problems):
        page.reload()
        page.wait_for_selector("#question textarea")


def ask(page, question=QUESTION):
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")


def tab(page, name):
    page.locator("[role=tab]:visible", has_text=name).click()


def test_an_empty_question_leaves_the_conversation_on_the_page(open_page):
    page = open_page()
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    with page.expect_response(lambda response: "/queue/data" in response.url):
        ask(page, "   ")
    page.wait_for_timeout(500)
    expect(page.locator("#chat a.cite")).to_be_visible()
    expect(page.locator("#sources")).to_contain_text("绣花姑娘")
    ask(page)
    expect(page.locator("#chat .answer")).to_have_count(2)


def test_an_answer_is_cited_and_the_citation_opens_the_article(open_page):
    page = open_page()
    ask(page)
    expect(page.locator("#sources")).to_contain_text("绣花姑娘")
    page.click("#chat a.cite")
    mark = page.locator("#reader mark").first
    expect(mark).to_be_in_viewport()
    expect(mark).to_contain_text("68米高的塔吊")
    expect(page.locator("#reader h2")).to_have_text("塔吊上的“绣花姑娘”")
    page.click("#reader .back")
    expect(page.locator("#sources")).to_be_visible()
    assert not re.search("<", page.locator("#chat [data-testid=bot]").last.get_attribute("aria-label"))


def test_sources_are_on_screen_before_the_first_word(open_page, served):
    generator = served[1].archive._generator
    generator.may_speak.clear()
    page = open_page()
    ask(page)
    expect(page.locator("#sources")).to_contain_text("绣花姑娘")
    expect(page.locator("#chat")).to_contain_text("正在阅读")
    generator.may_speak.set()
    expect(page.locator("#chat a.cite")).to_be_visible()


def test_stop_stops_within_a_second(open_page, served):
    generator = served[1].archive._generator
    generator.reply, generator.pause = "很长的话" * 200, 0.1
    page = open_page()
    ask(page)
    expect(page.locator("#chat .draft")).to_be_visible()
    started = time.monotonic()
    page.click("#stop")
    while not generator.stopped and time.monotonic() - started < 5:
        time.sleep(0.02)
    assert time.monotonic() - started < 1.5  # one second, and what the test itself takes
    expect(page.locator("#chat")).to_contain_text("已停止")


def test_a_follow_up_is_understood(open_page, served):
    page = open_page()
    ask(page, "灯塔守护员是谁？")
    expect(page.locator("#chat .answer")).to_have_count(1)
    ask(page, "那塔吊司机呢？")
    expect(page.locator("#chat .answer")).to_have_count(2)
    expect(page.locator("#chat .understood")).to_contain_text("那塔吊司机呢")


def test_what_the_archive_does_not_hold_is_refused(open_page):
    page = open_page()
    ask(page, "1999年5月的报纸登了什么？")
    expect(page.locator("#chat .answer.refused")).to_contain_text("离所问日期最近的一期是 2025-04-18")


def test_dates_read_from_the_question_can_be_dropped(open_page):
    page = open_page()
    ask(page, "1999年5月的报道里塔吊司机每天爬多高？")
    expect(page.locator("#chip")).to_contain_text("1999-05-01")
    expect(page.locator("#chat .answer.refused")).to_be_visible()
    page.click("#chip")
    expect(page.locator("#chat a.cite")).to_be_visible()
    expect(page.locator("#chat .answer")).to_have_count(1)


def test_filters_show_what_is_held_and_narrow(open_page):
    page = open_page()
    page.locator("#narrow button").first.click()
    page.click("#section input")
    page.locator("[role=option]", has_text="人物").click()
    page.click("#page input")
    page.locator("[role=option]", has_text="1 (").first.click()
    ask(page)
    expect(page.locator("#chat .answer.refused")).to_be_visible()


def test_history_is_there_after_a_reload_and_in_no_other_browser(open_page, served):
    page = open_page()
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    reload(page, open_page.problems)
    expect(page.locator("#chat a.cite")).to_be_visible()
    expect(page.locator("#conversations input")).to_have_value(QUESTION)
    other = open_page()
    expect(other.locator("#chat")).to_contain_text("问一件报纸里的事")
    with leaving(open_page.problems):
        other.goto(served[0] + page.locator("#chat .tools a").last.get_attribute("href"))
        expect(other.locator("body")).to_contain_text("68米高")


def test_a_question_asked_before_the_page_knows_its_history_is_kept(open_page, served, monkeypatch):
    history = served[1].history
    quick = history.conversations

    def slow(person, limit=50):
        if limit == 1:  # only the page that opens asks for the latest
            time.sleep(2)
        return quick(person, limit)

    monkeypatch.setattr(history, "conversations", slow)
    page = open_page()
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    page.wait_for_timeout(2500)
    expect(page.locator("#chat a.cite")).to_be_visible()
    expect(page.locator("#sources")).to_contain_text("绣花姑娘")


def test_two_browsers_ask_at_once_and_the_second_sees_its_place(open_page, served):
    generator = served[1].archive._generator
    generator.may_speak.clear()
    first, second = open_page(), open_page()
    ask(first)
    expect(first.locator("#chat")).to_contain_text("正在阅读")
    ask(second)
    expect(second.locator("#chat")).to_contain_text("前面还有 1 人")
    generator.may_speak.set()
    for page in (first, second):
        expect(page.locator("#chat a.cite")).to_be_visible()


def test_the_last_question_can_be_taken_back_retried_copied_and_rated(open_page, served):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    page.locator("#chat a.copy", has_text="GB/T 7714").click()
    expect(page.locator("#chat a.copy", has_text="✓")).to_be_visible()
    assert "[N]. 江州劳动报, 2025-04-18(3)." in page.evaluate("navigator.clipboard.readText()")
    page.locator("#chat").get_by_role("button", name="赞").click()
    deadline = time.monotonic() + 5
    while not any(turn.liked for turn in served[1].history.rated()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert any(turn.liked and turn.question == QUESTION for turn in served[1].history.rated())
    page.focus("#question textarea")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#question textarea")).to_have_value(QUESTION)
    page.fill("#question textarea", "")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("二")
    assert page.input_value("#question textarea") == "\n二"
    page.click("#clear")
    expect(page.locator("#chat .answer")).to_have_count(0)


def test_an_issue_is_browsed_and_asked_about(open_page):
    page = open_page()
    tab(page, "各期")
    page.locator("#issues td a").first.click()
    page.locator("#issues li a", has_text="绣花姑娘").click()
    expect(page.locator("#issues h2")).to_have_text("塔吊上的“绣花姑娘”")
    page.locator("#issues a", has_text="就这篇提问").click()
    expect(page.locator("#question textarea")).to_have_value(re.compile("绣花姑娘"))
    page.locator("#narrow button").first.click()
    expect(page.locator("#since input").first).to_have_value(re.compile("2025-04-18"))


def test_the_search_tab_lists_counts_and_narrows(open_page):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page()
    tab(page, "检索")
    page.fill("#search input[name=q]", "工会 或 职工")
    page.click("#search form button")
    expect(page.locator("#search mark").first).to_be_visible()
    before = page.locator("#search .total strong").inner_text()
    page.locator("#search .facets a", has_text="2").last.click()
    expect(page.locator("#search .total strong")).not_to_have_text(before)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(page, context="#search").response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []


def test_the_overview_shows_a_word_over_time(open_page):
    page = open_page()
    tab(page, "概览")
    page.fill("#overview input[name=term]", "塔吊")
    page.click("#overview form button")
    expect(page.locator("#overview caption", has_text="塔吊")).to_be_visible()
    page.locator("#overview table", has_text="塔吊").locator("a").first.click()
    expect(page.locator("#question textarea")).to_have_value("塔吊")


def test_an_uploaded_issue_is_published_and_answers_without_a_reload(open_page, served, tmp_path):
    reader = open_page()
    path = tmp_path / "..evil<img src=x onerror=alert(1)>.md"
    path.write_text(
        "# 海边新馆<script>alert(1)</script>\n\n本报讯（记者 甲乙）海边新馆藏书九千册。\n", encoding="utf-8"
    )
    page = open_page()
    tab(page, "添加")
    page.set_input_files("#files input[type=file]", path)
    expect(page.locator("#files")).to_contain_text("evil")
    page.click("#recognise")
    expect(page.locator("#feed-said textarea")).to_have_value(re.compile("认出 1 篇"))
    expect(page.locator("#recognised")).to_contain_text("海边新馆<script>alert(1)</script>")
    page.click("#publish")
    expect(page.locator("#feed-said textarea")).to_have_value(re.compile("已发布 1 篇"))
    served[1].archive._generator.reply = "海边新馆藏书九千册。"
    ask(reader, "海边新馆藏书多少册？")
    expect(reader.locator("#chat a.cite")).to_be_visible()
    reader.click("#chat a.cite")
    expect(reader.locator("#reader h2")).to_have_text("海边新馆<script>alert(1)</script>")


def test_wrong_and_huge_uploads_are_refused(open_page, tmp_path):
    (tmp_path / "a.exe").write_bytes(b"MZ")
    page = open_page()
    tab(page, "添加")
    page.set_input_files("#files input[type=file]", tmp_path / "a.exe")
    expect(page.locator("#files").get_by_role("row", name="a.exe")).to_be_visible()
    page.click("#recognise")
    expect(page.locator("#feed-said textarea")).to_have_value(re.compile("a.exe：不支持"))


def test_a_huge_upload_is_refused_at_once(open_page, tmp_path):
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(200 << 20)
    page = open_page()
    tab(page, "添加")
    page.set_input_files("#files input[type=file]", tmp_path / "huge.md")
    expect(page.locator(".toast-body").first).to_contain_text("32.0 Mb")
    open_page.problems.clear()  # Gradio logs the refusal


def test_english_and_dark(open_page):
    page = open_page("/en/")
    expect(page.locator("#masthead")).to_contain_text("Ask the newspaper archive")
    page.click("#theme")
    assert page.evaluate("document.body.classList.contains('dark')")
    reload(page, open_page.problems)
    page.wait_for_function("document.body.classList.contains('dark')")


@pytest.mark.parametrize(
    "path", ["/", "/issues", "/issues/2025-04-18", "/overview?term=塔吊", "/articles/issues/2025-04-18/03.md%232"]
)
def test_a_phone_scrolls_one_way_only(open_page, path):
    page = open_page(path, ready="#question textarea" if path == "/" else "#masthead")
    page.set_viewport_size({"width": 390, "height": 800})
    if path == "/":
        ask(page)
        expect(page.locator("#chat a.cite")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/en/", "/issues", "/issues/2025-04-18", "/overview?term=塔吊"])
def test_axe_finds_nothing_serious(open_page, path, dark):
    from axe_playwright_python.sync_playwright import Axe

    chat = path in ("/", "/en/")
    page = open_page(
        path, ready="#question textarea" if chat else "#masthead", color_scheme="dark" if dark else "light"
    )
    if chat:
        ask(page)
        expect(page.locator("#chat a.cite")).to_be_visible()
        # greyed, as what is no conversation is
        page.locator("#conversations input").evaluate("input => input.classList.add('subdued')")
    found = Axe().run(page).response["violations"]
    serious = [
        (v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")
    ]
    assert serious == [], json.dumps(serious, ensure_ascii=False, indent=1)
