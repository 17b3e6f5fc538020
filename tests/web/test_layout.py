"""Bars of the layout, in a real browser: what is in sight, what moves, what a screen reader meets."""

import json
import os

import pytest
from playwright.sync_api import expect

from .browsers import NEEDED, QUESTION, ask, leaving, reload, serious

pytestmark = NEEDED
SIZES = [(1366, 768), (1920, 1080), (820, 1180), (390, 844)]
# Adds up the shifts that no key and no press caused, and the tasks that kept the page busy.
_WATCH = """() => {
  window.moved = 0;
  window.longest = 0;
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) window.moved += entry.value; });
  watch("longtask", (entry) => { window.longest = Math.max(window.longest, entry.duration); });
}"""
_BOXES = """() => Object.fromEntries(["#masthead", "#composer", "#chat .told:last"].map((name) => {
  const element = [...document.querySelectorAll(name.replace(":last", ""))].at(-1);
  if (!element) return [name, null];
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return [name, { left, top, right, bottom }];
}))"""


def assert_in_sight(page, width, height):
    """Masthead, composer and the last answer are whole and apart, and nothing scrolls sideways or as a whole."""
    boxes = page.evaluate(_BOXES)
    for name, box in boxes.items():
        if box is None:
            continue
        inside = box["left"] >= 0 and box["top"] >= 0 and box["right"] <= width + 0.5 and box["bottom"] <= height + 0.5
        assert inside, (name, box, width, height)
    assert boxes["#masthead"]["bottom"] <= boxes["#composer"]["top"]
    if told := boxes["#chat .told:last"]:
        assert boxes["#masthead"]["bottom"] <= told["top"]
        assert told["bottom"] <= boxes["#composer"]["top"]
    scrolled = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert page.evaluate(scrolled) == [width, height]
    assert page.evaluate(
        "[...document.querySelectorAll('#chat, #chat .panel-wrap')].every((e) => e.scrollWidth <= e.clientWidth)"
    )


def test_what_matters_is_in_sight_at_every_size_and_nothing_jumps(open_page):
    page = open_page(viewport={"width": 1366, "height": 768})
    page.evaluate(_WATCH)
    widths = set()
    for answers in (0, 3):
        if answers:
            for question in (QUESTION, "灯塔守护员是谁？", QUESTION):
                ask(page, question)
                expect(page.locator("#question .submit-button")).to_be_visible()
                expect(page.locator("#chat .actions").last).to_be_visible()
        for dark in (False, True):
            page.evaluate(f"document.documentElement.dataset.theme = '{'dark' if dark else 'light'}'")
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                page.evaluate(
                    "[...document.querySelectorAll('#chat .answer')].at(-1)?.scrollIntoView({block: 'center'})"
                )
                assert_in_sight(page, width, height)
                widths.add((width, page.evaluate("document.querySelector('#masthead').offsetWidth")))
        page.set_viewport_size({"width": 1366, "height": 768})
    assert all(width == held for width, held in widths)
    column = page.evaluate("document.querySelector('#chat .message-wrap').offsetWidth")
    assert column <= 760
    before = page.locator("#stage").bounding_box()
    for place in ("issues", "search", "overview", "feed"):
        page.click(f"#rail a[data-place={place}]")
        page.wait_for_selector(f"body[data-view={place}]")
        assert page.locator("#stage").bounding_box() == before, place
        assert page.evaluate("document.querySelector('#browse-view').scrollWidth") <= before["width"]


def patience():
    """1.0 on a machine that does nothing else; how many want each of its cores where others are busy."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def largest_paint(page, problems):
    reload(page, problems)
    return page.evaluate(
        "new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))"
        ".observe({type: 'largest-contentful-paint', buffered: true}))"
    )


def longest_task(page):
    """Of those while an answer comes."""
    page.evaluate("window.longest = 0")
    answers = page.locator("#chat .answer").count()
    ask(page)
    expect(page.locator("#chat .answer")).to_have_count(answers + 1)
    return page.evaluate("window.longest")


def test_a_long_conversation_shifts_nothing_stays_smooth_and_paints_soon(open_page, served):
    history = served[1].history
    page = open_page(viewport={"width": 1366, "height": 768})
    page.evaluate(_WATCH)
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    page.click("#chat a.cite")
    expect(page.locator("#reader mark")).to_be_visible()
    assert page.evaluate("window.moved") < 0.02
    asked = history._turns(question=QUESTION)
    turn = next(turn for turn in asked if turn.conversation in page.url)
    for number in range(29):  # with the first, 60 messages
        history.add(turn.person, turn.conversation, f"{number}：{QUESTION}", turn.answer)
    assert min(largest_paint(page, open_page.problems) for _ in range(3)) < 1500 * patience()
    page.evaluate(_WATCH)
    assert min(longest_task(page) for _ in range(3)) <= 200 * patience()
    assert page.locator("#chat .said").count() == 33
    assert page.evaluate("window.moved") < 0.02


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_in_any_view(open_page, served, dark, tmp_path):
    page = open_page(color_scheme="dark" if dark else "light")
    found = {"welcome": serious(page)}
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    page.locator("#chat .checks summary").click()
    page.click("#chat a.cite")
    expect(page.locator("#reader mark")).to_be_visible()
    page.click("#narrow > button")
    found["answer, reader, filters"] = serious(page)
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('#help').showModal()")
    found["help"] = serious(page)
    page.keyboard.press("Escape")
    ask(page, "1999年5月的报纸登了什么？")
    expect(page.locator("#chat .answer.refused")).to_be_visible()
    found["refusal"] = serious(page)
    for path in ("/issues", "/issues/2025-04-18", "/search?q=塔吊", "/overview?term=塔吊", "/en/", "/login"):
        with leaving(open_page.problems):
            page.goto(served[0] + path)
        page.wait_for_selector("main" if path == "/login" else "body[data-ready]")
        found[path] = serious(page)
    (tmp_path / "01.md").write_text("# 新馆开门\n\n本报讯（记者 甲乙）海边图书馆开门迎客。\n", encoding="utf-8")
    page.goto(served[0] + "/feed")
    page.set_input_files("#files input[type=file]", tmp_path / "01.md")
    page.click("#recognise")
    expect(page.locator("#publish")).to_be_visible()
    found["feed"] = serious(page)
    wrong = {view: kinds for view, kinds in found.items() if kinds}
    assert wrong == {}, json.dumps(wrong, ensure_ascii=False, indent=1)


def test_text_twice_as_large_hides_nothing(open_page):
    page = open_page(viewport={"width": 1366, "height": 768})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    for name in ("#masthead", "#composer", "#question .submit-button"):
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1366
        assert box["y"] + box["height"] <= 768
