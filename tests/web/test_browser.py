"""The page in a real browser."""

import re
import time

import pytest
from playwright.sync_api import expect

from .browsers import NEEDED, QUESTION, ask, go, leaving, reload, serious

pytestmark = NEEDED


def test_an_empty_question_asks_nothing(open_page):
    page = open_page()
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    with page.expect_response(lambda response: "/queue/data" in response.url):
        ask(page, "   ")
    page.wait_for_timeout(500)
    expect(page.locator("#chat .said")).to_have_count(1)
    expect(page.locator("#chat .sources")).to_contain_text("绣花姑娘")


def test_an_answer_is_cited_and_the_citation_opens_the_article(open_page):
    page = open_page()
    ask(page)
    expect(page.locator("#chat .sources")).to_contain_text("绣花姑娘")
    page.click("#chat a.cite")
    mark = page.locator("#reader mark").first
    expect(mark).to_be_in_viewport()
    expect(mark).to_contain_text("68米高的塔吊")
    expect(page.locator("#reader h2")).to_have_text("塔吊上的“绣花姑娘”")
    expect(page.locator("#panel .back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#chat a.cite")).to_be_focused()
    assert "<" not in page.locator("#chat [data-testid=bot]").last.get_attribute("aria-label")


def test_sources_are_on_screen_before_the_first_word(open_page, served):
    generator = served[1].archive._generator
    generator.may_speak.clear()
    page = open_page()
    ask(page)
    expect(page.locator("#chat .working .sources")).to_contain_text("绣花姑娘")
    expect(page.locator("#chat .status")).to_contain_text("正在阅读")
    generator.may_speak.set()
    expect(page.locator("#chat a.cite")).to_be_visible()


@pytest.mark.alone
def test_stop_stops_within_a_second(open_page, served):
    generator = served[1].archive._generator
    generator.reply, generator.pause = "很长的话" * 200, 0.1
    page = open_page()
    ask(page)
    expect(page.locator("#chat .draft")).to_be_visible()
    started = time.monotonic()
    page.click("#question .stop-button")
    while not generator.stopped and time.monotonic() - started < 5:
        time.sleep(0.02)
    assert time.monotonic() - started < 1.5  # one second, and what the test itself takes
    expect(page.locator("#chat")).to_contain_text("已停止")
    expect(page.locator("#question .submit-button")).to_be_visible()


def test_a_follow_up_is_understood(open_page):
    page = open_page()
    ask(page, "灯塔守护员是谁？")
    expect(page.locator("#chat .answer")).to_have_count(1)
    ask(page, "那塔吊司机呢？")
    expect(page.locator("#chat .answer")).to_have_count(2)
    expect(page.locator("#chat .understood")).to_contain_text("那塔吊司机呢")


def test_a_refusal_says_so_and_offers_a_way_on(open_page):
    page = open_page()
    ask(page, "1999年5月的报纸登了什么？")
    expect(page.locator("#chat .answer.refused")).to_contain_text("离所问日期最近的一期是 2025-04-18")
    page.locator("#chat .next a", has_text="检索这些词").click()
    expect(page.locator("#browse-view input[name=q]")).to_have_value("1999年5月的报纸登了什么？")
    page.go_back()
    expect(page.locator("#chat .answer.refused")).to_be_visible()


def test_filters_read_from_the_question_and_set_by_hand_are_chips_to_drop(open_page):
    page = open_page()
    ask(page, "1999年5月的报道里塔吊司机每天爬多高？")
    expect(page.locator("#read-chips li")).to_contain_text("1999-05-01")
    expect(page.locator("#chat .answer.refused")).to_be_visible()
    page.click("#read-chips [data-drop=dates]")
    expect(page.locator("#chat a.cite")).to_be_visible()
    expect(page.locator("#chat .answer")).to_have_count(1)
    page.locator("#narrow > button").click()
    page.click("#section input")
    page.locator("[role=option]", has_text="人物").click()
    expect(page.locator("#own-chips li")).to_have_text(re.compile("人物"))
    page.click("#own-chips [data-drop=section]")
    expect(page.locator("#own-chips li")).to_have_count(0)
    ask(page, "1999年5月的报道里塔吊司机每天爬多高？")
    page.click("#chat a.widen")
    expect(page.locator("#chat a.cite")).to_have_count(2)
    expect(page.locator("#chat .told").last).to_contain_text("没有写到“1999年5月”")
    expect(page.locator("#read-chips li")).to_have_count(0)


def test_tips_come_once_and_a_follow_up_can_be_corrected(open_page, served):
    generator = served[1].archive._generator
    page = open_page()
    expect(page.locator("#tips")).to_contain_text("用整句话问")
    page.click("#tips [data-act=dismiss-tip]")
    expect(page.locator("#tips")).to_be_hidden()
    generator.may_speak.clear()
    ask(page)
    expect(page.locator("#chat .working .seconds")).to_have_text(re.compile(r"[1-9]\d* 秒"))
    generator.may_speak.set()
    expect(page.locator("#tips")).to_contain_text("红色编号")
    page.click("#tips [data-act=dismiss-tips]")
    ask(page, "他几岁？")
    page.click("#chat a.reword")
    page.fill("#chat .understood input", "灯塔守护员是谁？")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .said").last).to_have_text("灯塔守护员是谁？")
    reload(page, open_page.problems)
    expect(page.locator("#chat .answer")).to_have_count(2)
    expect(page.locator("#tips")).to_be_hidden()


# Whether a date is read whole in each of its fields, and the button of its calendar lies within the field.
_DATES_FIT = """() => [...document.querySelectorAll("#narrow .timebox")].map((field) => {
  const [input, button] = ["input", "button"].map((name) => field.querySelector(name));
  const [box, inside, pressed] = [field, input, button].map((part) => part.getBoundingClientRect());
  input.value = "2025-04-18";
  const whole = input.scrollWidth <= input.clientWidth;
  input.value = "";
  return whole && inside.right <= pressed.left + 0.5 && pressed.right <= box.right + 0.5;
})"""


def test_filters_show_what_is_held_and_narrow(open_page):
    page = open_page()
    page.locator("#narrow > button").click()
    expect(page.locator("#until")).to_be_visible()
    assert page.evaluate(_DATES_FIT) == [True, True]
    page.click("#section input")
    page.locator("[role=option]", has_text="人物").click()
    page.click("#page input")
    page.locator("[role=option]", has_text="1 (").first.click()
    expect(page.locator("#narrow > button")).to_contain_text("(2)")
    page.click("#chat .welcome h2")
    expect(page.locator("#page input")).to_be_hidden()
    ask(page)
    expect(page.locator("#chat .answer.refused")).to_be_visible()


def test_history_is_there_after_a_reload_and_in_no_other_browser(open_page, served):
    page = open_page()
    ask(page)
    expect(page.locator("#talks li.current")).to_contain_text(QUESTION)
    reload(page, open_page.problems)
    expect(page.locator("#chat a.cite")).to_be_visible()
    expect(page.locator("#talks li.current")).to_contain_text(QUESTION)
    other = open_page(page.url.removeprefix(served[0]))
    expect(other.locator("#chat .welcome")).to_be_visible()
    expect(other.locator("#talks li")).to_have_count(0)
    with leaving(open_page.problems):
        other.goto(served[0] + page.locator("#chat a.share").last.get_attribute("href"))
        expect(other.locator("#browse-view")).to_contain_text("68米高")


def test_conversations_are_found_renamed_and_deleted(open_page):
    page = open_page()
    talks = page.locator("#talks li[data-conversation]")
    for number, question in enumerate((QUESTION, "灯塔守护员是谁？"), 1):
        page.click("#new")
        expect(page.locator("#chat .welcome")).to_be_visible()
        ask(page, question)
        expect(page.locator("#chat .actions")).to_be_visible()
        expect(talks).to_have_count(number)
    page.fill("#find-talk textarea", "塔吊")
    expect(talks).to_have_count(1)
    page.locator("#talks summary").click()
    page.locator("#talks [data-talk=rename]").click()
    page.keyboard.type("塔吊<b>司机</b>")
    page.keyboard.press("Enter")
    expect(page.locator("#talks .talk")).to_have_text("塔吊<b>司机</b>")
    page.locator("#talks .talk").click()
    expect(page.locator("#chat .said")).to_have_text(QUESTION)
    page.locator("#talks summary").click()
    page.locator("#talks [data-talk=delete]").click()
    page.locator("#talks [data-talk=delete]", has_text="确定删除").click()
    expect(page.locator("#chat .welcome")).to_be_visible()
    page.fill("#find-talk textarea", "")
    expect(talks).to_have_count(1)


def test_what_was_written_and_what_was_asked_survive_a_reload(open_page, served):
    page = open_page()
    page.fill("#question textarea", "写了一半")
    reload(page, open_page.problems)
    expect(page.locator("#question textarea")).to_have_value("写了一半")
    generator = served[1].archive._generator
    generator.may_speak.clear()
    ask(page)
    expect(page.locator("#chat .status")).to_contain_text("正在阅读")
    reload(page, open_page.problems)
    generator.may_speak.set()
    expect(page.locator("#question textarea")).to_have_value(QUESTION)


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
    expect(page.locator("#toast")).to_have_text("已复制")
    assert "[N]. 江州劳动报, 2025-04-18(3)." in page.evaluate("navigator.clipboard.readText()")
    page.locator("#chat").get_by_role("button", name="赞").click()
    expect(page.locator("[data-testid=toast-body]")).to_contain_text("谢谢，已记下。")
    assert any(turn.liked and turn.question == QUESTION for turn in served[1].history.rated())
    page.focus("#question textarea")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#question textarea")).to_have_value(QUESTION)
    page.fill("#question textarea", "")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("二")
    assert page.input_value("#question textarea") == "\n二"
    page.locator("#chat").get_by_role("button", name="重试").click()
    expect(page.locator("#chat a.cite")).to_be_visible()
    expect(page.locator("#chat .answer")).to_have_count(1)


def test_an_answer_is_taken_along_and_printed(open_page):
    page = open_page()
    ask(page)
    expect(page.locator("#chat a.cite")).to_be_visible()
    page.locator("#chat .answer summary", has_text="导出").click()
    with page.expect_download() as taken:
        page.locator("#chat .answer .menu a", has_text="RIS").click()
    assert taken.value.suggested_filename == f"{QUESTION}.ris"
    assert serious(page) == []
    page.evaluate("window.print = () => { window.printed = true; }")
    page.locator("#chat .answer a.print").click()
    page.wait_for_function("window.printed")
    expect(page.locator("#browse-view .shared")).to_be_visible()


def test_how_each_sentence_was_checked_is_shown_on_demand(open_page):
    page = open_page()
    ask(page)
    page.locator("#chat .checks summary").click()
    expect(page.locator("#chat .checks li.held")).to_contain_text("蓝采薇每天要爬68米高的塔吊")


def cannot_be_loaded_at_first(page, address, part, opened):
    """What is opened says that it is loading, then why it is not there, and is tried again: by hand, and by itself."""
    waiting, asked = [], re.compile(re.escape(address))
    page.route(asked, lambda route: waiting.append(route))
    opened()
    expect(page.locator(part)).to_have_text("正在打开……")
    waiting.pop().fulfill(status=429, json={"error": {"message": "请求太频繁"}})
    problem = page.locator(f"{part} .problem")
    expect(problem).to_contain_text("请求太频繁")
    problem.locator("button").click()
    expect(page.locator(part)).to_have_text("正在打开……")
    waiting.pop().abort()
    expect(problem).to_contain_text("连不上服务器")
    expect(page.locator("#banner")).to_be_visible()
    page.unroute(asked)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(problem).to_have_count(0)
    expect(page.locator("#banner")).to_be_hidden()


def test_an_issue_is_browsed_and_asked_about(open_page):
    page = open_page()
    with leaving(open_page.problems):
        cannot_be_loaded_at_first(page, "/issues?", "#browse-view", lambda: go(page, "issues"))
        page.locator("#browse-view td a").first.click()
        opened = page.locator("#browse-view li a", has_text="绣花姑娘")
        cannot_be_loaded_at_first(page, "/articles/", "#reader", opened.click)
    expect(page.locator("#reader h2")).to_have_text("塔吊上的“绣花姑娘”")
    page.locator("#reader a", has_text="就这篇提问").click()
    expect(page.locator("#question textarea")).to_have_value(re.compile("绣花姑娘"))
    expect(page.locator("#narrow > button")).to_contain_text("(2)")


def test_the_overview_shows_a_word_over_time(open_page):
    page = open_page()
    go(page, "overview")
    page.fill("#browse-view input[name=term]", "塔吊")
    page.click("#browse-view form button")
    expect(page.locator("#browse-view caption", has_text="塔吊")).to_be_visible()
    page.locator("#browse-view table", has_text="塔吊").locator("a").first.click()
    expect(page.locator("#question textarea")).to_have_value("塔吊")


def test_an_uploaded_issue_is_published_and_answers_without_a_reload(open_page, served, tmp_path):
    reader = open_page()
    path = tmp_path / "..evil<img src=x onerror=alert(1)>.md"
    path.write_text(
        "# 海边新馆<script>alert(1)</script>\n\n本报讯（记者 甲乙）海边新馆藏书九千册。\n", encoding="utf-8"
    )
    page = open_page()
    go(page, "feed")
    page.set_input_files("#files input[type=file]", path)
    expect(page.locator("#files .chosen")).to_contain_text("evil<img")
    page.click("#recognise")
    expect(page.locator("#feed-said")).to_contain_text("认出 1 篇")
    expect(page.locator("#recognised input[name=title]")).to_have_value("海边新馆<script>alert(1)</script>")
    page.click("#publish")
    expect(page.locator("#feed-said")).to_contain_text("已发布 1 篇")
    expect(page.locator("#masthead .holdings")).to_contain_text("27 篇")
    served[1].archive._generator.reply = "海边新馆藏书九千册。"
    ask(reader, "海边新馆藏书多少册？")
    expect(reader.locator("#chat a.cite")).to_be_visible()
    reader.click("#chat a.cite")
    expect(reader.locator("#reader h2")).to_have_text("海边新馆<script>alert(1)</script>")


def test_wrong_and_huge_uploads_are_refused(open_page, tmp_path):
    (tmp_path / "a.exe").write_bytes(b"MZ")
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(200 << 20)
    page = open_page()
    go(page, "feed")
    page.set_input_files("#files input[type=file]", [tmp_path / "a.exe", tmp_path / "huge.md"])
    expect(page.locator("#files .failed")).to_contain_text("huge.md：超过 32 MB")
    page.click("#recognise")
    expect(page.locator("#recognised .problems")).to_contain_text("a.exe：不支持")


def test_the_whole_session_goes_by_keyboard(open_page):
    page = open_page()
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#chat a.cite")).to_be_visible()
    page.locator("#new").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.cite')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#reader mark")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("n")
    expect(page.locator("#chat .welcome")).to_be_visible()
    page.locator("#rail a[data-place=issues]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#browse-view td a").first).to_be_visible()


def test_on_a_phone_the_rail_is_a_drawer_and_the_reader_a_sheet(open_page):
    page = open_page(viewport={"width": 390, "height": 844})
    expect(page.locator("#rail")).to_be_hidden()
    page.click("#masthead .drawer")
    expect(page.locator("#new")).to_be_focused()
    assert page.evaluate("document.querySelector('#stage').inert")
    page.keyboard.press("Escape")
    expect(page.locator("#masthead .drawer")).to_be_focused()
    ask(page)
    page.click("#chat a.cite")
    expect(page.locator("#reader mark")).to_be_in_viewport()
    assert page.evaluate("document.querySelector('#stage').inert && document.querySelector('#rail').inert")
    page.click("#panel .back")
    expect(page.locator("#chat a.cite")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_english_and_dark(open_page):
    page = open_page("/en/")
    expect(page.locator("#chat .welcome")).to_contain_text("What would you like to know")
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    reload(page, open_page.problems)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
