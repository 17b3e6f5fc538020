"""The views of names, stories, searches compared and what is kept, walked through in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from index.config import Settings
from rag import Archive
from rag.web.history.history import History
from rag.web.sites.site import Site
from tests.people.conftest import ARTICLES, build_named

from ..browsers import NEEDED, leaving, serious
from ..conftest import opening, serving

pytestmark = NEEDED

AGAIN = {
    "id": "again",
    "title": "<b>夜校</b>开班",
    "date": "2025-04-02",
    "text": ARTICLES[0]["text"].replace("每周三", "每周四") + "本报将继续关注。",
}
PROXY = {"header": "X-Remote-User", "proxies": ("127.0.0.1",)}


@pytest.fixture(scope="module")
def researched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("research")
    settings = Settings(
        embedder={"model": "fake"}, kept=folder / "kept.sqlite", access=PROXY, limits={"requests": 0, "calls": 0}
    )
    site = Site(Archive.open(build_named(folder, [*ARTICLES, AGAIN]), settings), History(folder / "h.sqlite"))
    with pytest.MonkeyPatch.context() as patch, serving(site) as address:
        patch.setattr("rag.stories.threads.likelihood", lambda signals: 0.5)  # nothing is rare in so few reports
        yield address, site


@pytest.fixture
def open_page(browser, researched):
    with opening(browser, researched[0]) as open_:
        yield lambda path: open_(path, extra_http_headers={"X-Remote-User": "li"})


def looked_at(page, found, name):
    """Note what axe finds serious in the view, and that it scrolls sideways on a phone."""
    found[name] = serious(page)
    page.set_viewport_size({"width": 390, "height": 844})
    scrolled = "[document.documentElement, document.querySelector('#browse-view')].map((e) => e.scrollWidth)"
    found[f"{name}, phone"] = [width for width in page.evaluate(scrolled) if width > 390]
    page.set_viewport_size({"width": 1280, "height": 900})


def follow(page, name, **where):
    """Press a link or button by its name with the keyboard, as whoever has no mouse does."""
    page.locator("#browse-view, #reader").get_by_role(where.pop("role", "link"), name=name, exact=True).first.press(
        "Enter"
    )


def heading(page, text):
    expect(page.locator("#browse-view h2")).to_have_text(text)


def test_a_reader_walks_from_a_search_through_names_stories_and_what_is_kept(open_page):
    page, found = open_page("/search?q=夜校"), {}
    follow(page, "彭望舒 的专页")
    heading(page, "彭望舒")
    expect(page.locator("#browse-view .quotes blockquote").first).to_contain_text("报名的人比去年多一倍")
    expect(page.locator("#browse-view .timeline + .ends")).to_be_hidden()  # all of one month
    looked_at(page, found, "name")
    follow(page, "夜校开班")
    expect(page.locator("#reader h2")).to_have_text("夜校开班")
    follow(page, "来龙去脉")
    heading(page, "来龙去脉")
    page.keyboard.press("Escape")
    expect(page.locator("#browse-view .story li[aria-current]")).to_contain_text("夜校开班")
    expect(page.locator("#browse-view .story li")).to_have_count(3)
    looked_at(page, found, "thread")
    follow(page, "转载")
    heading(page, "转载")
    expect(page.locator("#browse-view .beside mark")).to_have_text(
        ["说：“夜校每周三晚上开课，", "说：“夜校每周四晚上开课，", "本报将继续关注。"]
    )
    looked_at(page, found, "reprints")
    page.goto(page.url.replace("/reprints/", "/articles/").replace("lang=zh", "lang=en"))
    page.wait_for_selector("body[data-ready]")
    with page.expect_navigation(url=re.compile("/kept/collections/")):
        follow(page, "Keep")
        heading(page, "Kept")
        page.fill("#browse-view .keeping >> nth=0 >> input[name=name]", "<i>夜校</i>")
        page.fill("#browse-view textarea", "要核实")
        follow(page, "Put in", role="button")
    page.wait_for_selector("body[data-ready]")
    heading(page, "<i>夜校</i>")
    expect(page.locator("#browse-view textarea")).to_have_value("要核实")
    looked_at(page, found, "collection")
    assert {view: kinds for view, kinds in found.items() if kinds} == {}


def test_a_reader_compares_and_saves_a_search_and_corrects_a_name(open_page, researched):
    page, found = open_page("/search?q=夜校"), {}
    follow(page, "与另一个检索比较")
    heading(page, "比较两次检索")
    page.fill("#browse-view input[name=other]", "通知")
    page.press("#browse-view input[name=other]", "Enter")
    expect(page.locator("#browse-view .pairs tbody tr")).to_have_count(2)
    looked_at(page, found, "compare")
    with leaving([]):
        page.goto(researched[0] + "/kept?query=夜校")
    with page.expect_navigation():
        page.press("#browse-view input[name=query]", "Enter")
    with page.expect_navigation():
        follow(page, "订阅（Atom）", role="button")
    page.wait_for_selector("body[data-ready]")
    feed = page.locator("#browse-view .secret input").input_value()
    assert "夜校报名" in page.request.get(feed).text()
    looked_at(page, found, "kept")
    page.goto(researched[0] + "/names")
    page.wait_for_selector("body[data-ready]")
    looked_at(page, found, "names")
    follow(page, "江州总工会")
    heading(page, "江州总工会")
    page.click("#browse-view .correcting summary")
    looked_at(page, found, "correcting a name")
    page.fill("#browse-view input[name=into]", "江州市总工会")
    with page.expect_navigation():
        page.press("#browse-view input[name=into]", "Enter")
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#browse-view .also")).to_contain_text("江州总工会")
    expect(page.locator("#browse-view .total")).to_contain_text("3 篇")
    page.click("#browse-view .correcting summary")
    with page.expect_navigation():
        follow(page, "撤销", role="button")
    assert not researched[1].archive.name_edits
    assert {view: kinds for view, kinds in found.items() if kinds} == {}
