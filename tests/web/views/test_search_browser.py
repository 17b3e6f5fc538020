"""The search view in a real browser: every thing that can be pressed in it."""

import re

import pytest
from playwright.sync_api import expect

from index.build import build
from index.config import PassageSettings, Settings
from rag.search.counting import counted_answer
from rag.search.counting_questions import Counted
from rag.web.history.history import History
from rag.web.sites.site import Site
from tests.conftest import FakeEmbedder, FakeGenerator, opened
from tests.search.corpus import REPRINTED, TEXTS, write_reprinted
from tests.web.browsers import NEEDED, REPLY, ask, serious
from tests.web.conftest import opening, serving

pytestmark = NEEDED


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A site with reports that are printed several times, over seven months."""
    folder = tmp_path_factory.mktemp("search")
    write_reprinted(folder / "a.jsonl")
    build([folder / "a.jsonl"], folder / "archive", FakeEmbedder(), PassageSettings())
    archive = opened(folder / "archive", Settings(embedder={"model": "fake"}), FakeEmbedder(), FakeGenerator(REPLY))
    with serving(Site(archive, History(folder / "history.sqlite"))) as served:
        yield served


@pytest.fixture
def open_search(browser, address):
    with opening(browser, address) as open_:
        yield open_


def assert_fits_a_phone(page, *elements):
    page.set_viewport_size({"width": 390, "height": 844})
    for element in ("document.documentElement", *(elements or ["document.querySelector('#browse-view')"])):
        assert page.evaluate(f"{element}.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})


def test_hits_are_sorted_paged_to_the_last_narrowed_read_and_taken_along(open_search):
    page = open_search("/search")
    view = page.locator("#browse-view")
    page.fill("#browse-view input[name=q]", "高温津贴")
    page.select_option("#browse-view select[name=sort]", "newest")
    page.click("#browse-view form button")
    said = view.locator(".total")
    expect(said).to_contain_text(f"{REPRINTED} 篇 · 同文合并后 {TEXTS} 条")
    expect(view.locator(".results h3").first).to_have_text("题41")
    assert serious(page) == []
    assert_fits_a_phone(page)
    seen = view.locator(".results a.read").all_text_contents()
    view.locator("a[rel=next]").click()
    expect(said).to_contain_text(f"21 至 {TEXTS}")
    expect(view.locator("a[rel=next]")).to_have_count(0)
    seen += view.locator(".results a.read").all_text_contents()
    assert sorted(seen) == sorted(f"题{number}" for number in range(REPRINTED))
    view.locator("a", has_text="逐篇列出").click()
    expect(said).to_contain_text("1 至 20")
    view.locator("a", has_text="合并同文").click()
    view.locator(".results summary").first.click()
    view.locator(".results details a.read").first.click()
    expect(page.locator("#reader")).to_contain_text("高温津贴")
    page.keyboard.press("Escape")
    view.locator(".facets a", has_text="江州劳动报").click()
    expect(said.locator("strong")).to_have_text(f"{REPRINTED // 2} 篇")
    with page.expect_download() as taken:
        view.locator(".take a", has_text="RIS").click()
    with open(taken.value.path(), encoding="utf-8") as file:
        assert file.read().count("TY  - NEWS") == REPRINTED // 2


def test_all_values_of_a_facet_are_reached_by_keys_and_on_a_phone(open_search, monkeypatch):
    monkeypatch.setattr("rag.web.views.search_view._LISTED", 1)
    page = open_search("/search?q=高温津贴")
    view = page.locator("#browse-view")
    more = view.get_by_role("link", name="更多: 月")
    more.focus()
    page.keyboard.press("Enter")
    expect(view.locator("h2")).to_have_text("月")
    expect(view.locator(".facets li")).to_have_count(6)
    assert serious(page) == []
    assert_fits_a_phone(page)
    view.locator("input[name=part]").fill("2024")
    page.keyboard.press("Enter")
    expect(view.locator(".facets li")).to_have_count(4)
    view.locator(".facets a", has_text="2024-03").click()
    expect(view.locator(".dates")).to_contain_text("2024-03-01 至 2024-03-31")
    page.go_back()
    expect(view.locator("input[name=part]")).to_have_value("2024")
    view.get_by_role("link", name="查到的报道").click()
    expect(view.locator(".total strong")).to_have_text(f"{REPRINTED} 篇")


def test_a_wrong_query_is_pointed_at(open_search):
    page = open_search("/search")
    page.fill("#browse-view input[name=q]", "高温 AND (津贴")
    page.keyboard.press("Enter")
    expect(page.locator("#browse-view [role=alert]")).to_contain_text("第 8 个字处：左括号没有配对")
    expect(page.locator("#browse-view input[name=q]")).to_have_value("高温 AND (津贴")
    assert serious(page) == []
    assert_fits_a_phone(page)
    open_search.problems[:] = [said for said in open_search.problems if "400" not in said]  # as it should be


def test_a_time_is_drawn_with_the_pointer_and_by_keys(open_search):
    page = open_search("/search?q=高温津贴")
    view = page.locator("#browse-view")
    bars = view.locator(".timeline li")
    expect(bars).to_have_count(7)
    boxes = [bars.nth(place).bounding_box() for place in (2, 1)]
    places = [(box["x"] + box["width"] / 2, box["y"] + 5) for box in boxes]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=3)
    expect(view.locator("output")).to_have_text(re.compile("2023-12 – 2024-01: 1[0-9]"))
    page.mouse.up()
    expect(bars).to_have_count(2)
    assert "since=2023-12-01&until=2024-01-31" in page.url
    expect(view.locator("input[name=since]")).to_have_value("2023-12-01")
    page.reload()
    expect(bars).to_have_count(2)
    view.locator(".dates a").click()
    expect(bars).to_have_count(7)
    assert page.evaluate("document.querySelectorAll('.timeline a[tabindex=\"0\"]').length") == 1
    view.locator(".timeline a").first.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(view.locator("output")).to_have_text(re.compile("2023-12 – 2024-03: "))
    page.keyboard.press("Escape")
    expect(view.locator("output")).to_have_text("")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(bars).to_have_count(3)
    assert "since=2024-01-01&until=2024-03-31" in page.url
    page.go_back()
    expect(bars).to_have_count(7)
    bars.nth(4).locator("a").click()
    expect(view.locator(".dates")).to_contain_text("2024-03-01 至 2024-03-31")


def test_a_counted_answer_is_a_table_whose_search_is_opened_and_changed(open_search, monkeypatch):
    def counted(store, model, question, where, narrowing, *rest):
        return counted_answer(store, Counted("by_month", '"高温津贴"'), question, where, narrowing)

    monkeypatch.setattr("rag.inquiry.counting_answer", counted)  # its reader needs a real model
    page = open_search()
    ask(page, "提到高温津贴的报道每个月各几篇？")
    answer = page.locator(".answer")
    expect(answer.locator(".told")).to_contain_text(f"共 {REPRINTED} 篇：2023-11 8 篇")
    expect(answer.locator(".counted tr")).to_have_count(6)
    rows = answer.locator(".reports tbody tr")
    expect(rows).to_have_count(REPRINTED)
    expect(answer.locator(".understood").last).to_contain_text("题名或正文里有所查的字，就算一篇")
    assert serious(page) == []
    assert_fits_a_phone(page, "document.querySelector('.answer')")
    rows.first.locator("a.cite").click()
    expect(page.locator("#reader")).to_contain_text("高温津贴")
    page.keyboard.press("Escape")
    answer.locator(".understood a").last.click()
    view = page.locator("#browse-view")
    expect(view.locator(".total strong")).to_have_text(f"{REPRINTED} 篇")
    query = view.locator("input[name=q]")
    expect(query).to_have_value('"高温津贴"')
    query.fill('"高温津贴" 日期:2023-11')
    page.keyboard.press("Enter")
    expect(view.locator(".total strong")).to_have_text("8 篇")
