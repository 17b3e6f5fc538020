"""The page's events and routes, without a browser."""

import io
import json
import re
import time
from types import SimpleNamespace
from urllib.parse import quote

import gradio as gr
import openpyxl
import pytest
from docx import Document
from fastapi.testclient import TestClient

from app import create_app
from index.build import remove
from index.errors import BaowenError
from index.extras import install_line
from index.regions import Box, Region, Sheet
from index.storage.catalogue import Catalogue
from index.storage.store import Filter
from rag.results import Passage
from rag.search.counting import counted_answer
from rag.search.counting_questions import Counted
from rag.search.exports import FORMS
from rag.web.chat.chat import Chat, Narrowed
from rag.web.gradio_page.welcome import examples, front_page, newest
from rag.web.history.conversations import Turn, as_question
from rag.web.history.history import History
from rag.web.rendering import exports
from rag.web.rendering.pieces import marked_pieces
from rag.web.sites.site import Site
from rag.web.views.overview import overview

QUESTION = "蓝采薇每天爬多高的塔吊？"
REPLY = "蓝采薇每天要爬68米高的塔吊。"


@pytest.fixture
def site(archive, generator, tmp_path):
    generator.reply = REPLY
    return Site(archive, History(tmp_path / "history.sqlite"))


@pytest.fixture
def chat(site):
    return Chat(site, "zh")


@pytest.fixture
def client(site):
    with TestClient(create_app(site)) as client:
        yield client


def fragment(client, path):
    """A view without its frame."""
    return client.get(path, headers={"X-Fragment": "1"}).text


def asked(chat, question=QUESTION, conversation="c", person="甲", **more):
    return list(chat.ask(question, conversation, person, Narrowed(), **more))


def told(screen):
    """The answer on a screen, as HTML."""
    return screen.messages[-1]["content"]


def test_a_question_is_answered_with_its_sources(chat):
    first, *_, last = asked(chat)
    assert (first.box["value"], first.box["stop_btn"]) == ("", True)
    assert (last.box["submit_btn"], last.box["stop_btn"]) == (True, False)
    assert re.search(r"68米高的塔吊<a class=\"cite\" href=\"/articles/[^\"]*start=0&amp;end=", told(last))
    card = told(last).split('class="sources"')[1].split("</ol>")[0]
    for part in ("塔吊上的“绣花姑娘”", "2025-04-18", "第3版", "68米高的塔吊"):
        assert part in card
    assert last.messages == chat.show("c", "甲").messages


def test_sources_are_shown_before_the_model_speaks(chat, generator):
    screens = chat.ask(QUESTION, "c", "甲", Narrowed())
    next(screens)
    found = told(next(screens))
    assert "绣花姑娘" in found
    assert "正在阅读" in found
    assert generator.asked == []


def test_what_is_not_checked_yet_is_marked_as_a_draft(chat):
    drafts = [told(screen) for screen in asked(chat) if 'class="draft"' in told(screen)]
    assert f'<p class="draft">{REPLY}</p>' in drafts[-1]
    assert all(re.search("还没有核对|正在逐句核对", draft) and "badge" not in draft for draft in drafts)


def test_whoever_waits_is_told_their_place(chat, site):
    served = site.archive.queue.join("乙")
    site.archive.queue.wait(served, 0)
    screens = chat.ask(QUESTION, "c", "甲", Narrowed())
    shown = [told(next(screens)) for _ in range(3)]
    assert "前面还有 1 人" in shown[-1]
    site.archive.queue.leave(served)
    assert "cite" in told(list(screens)[-1])


def test_an_empty_question_asks_nothing_and_changes_nothing(chat, generator):
    (screen,) = asked(chat, "  ")
    assert all(part == gr.skip() for part in screen)
    assert generator.asked == []


def test_a_wrong_question_is_explained_and_stands_in_the_box_again(chat):
    last = asked(chat, "问" * 2000)[-1]
    assert "问题太长" in told(last)
    assert (last.box["value"], last.box["submit_btn"]) == ("问" * 2000, True)


def test_a_model_that_was_killed_leaves_a_chat_that_quotes_the_newspaper_and_says_why(chat, site, monkeypatch):
    def killed(messages, max_tokens):
        raise BaowenError("模型服务 http://gone 出错")

    monkeypatch.setattr(site.archive.generator, "stream", killed)
    last = asked(chat)[-1]
    assert "语言模型现在没有应答" in told(last)
    assert "68米" in told(last)
    (turn,) = site.history.turns("甲", "c")
    assert turn.answer["kind"] in ("quoted", "refused")


def test_every_question_is_counted_and_noted_whatever_its_way_and_its_end(site, client, chat, monkeypatch):
    asked(chat)
    body = {"messages": [{"role": "user", "content": QUESTION}]}
    for stream in (False, True):
        assert client.post("/v1/chat/completions", json=body | {"stream": stream}).status_code == 200
    told_by = client.post("/gradio_api/run/ask", json={"data": [QUESTION, "", ""]})
    assert told_by.status_code == 200
    asked(chat, "问" * 2000)
    screens = chat.ask(QUESTION, "c", "甲", Narrowed())
    next(screens), next(screens), screens.close()
    monkeypatch.setattr(site.archive, "_pair", None)
    monkeypatch.setattr("rag.archive.load_pair_model", lambda *_: (_ for _ in ()).throw(BaowenError("坏了")))
    assert client.post("/v1/chat/completions", json=body).status_code == 500
    (usage,) = site.history.usage(1)
    assert {name: usage[name] for name in ("questions", "failed", "stopped")} == {
        "questions": 7,
        "failed": 2,
        "stopped": 1,
    }
    metrics = client.get("/metrics").text
    assert "baowen_errors_total 2.0" in metrics
    assert "baowen_in_line 0.0" in metrics
    assert len(site.history.turns("甲", "c")) == 1


def test_the_history_names_the_snapshot_that_was_read(chat, site, archive_folder, embedder, settings):
    screens = chat.ask(QUESTION, "c", "甲", Narrowed())
    next(screens)
    next(screens)
    remove(["issues/2025-04-18/03.md#1"], archive_folder, embedder, settings.passages)
    list(screens)
    assert site.archive.store.snapshot == "000002"
    assert site.history.turns("甲", "c")[0].snapshot == "000001"


def test_the_history_survives_and_is_ones_own(chat, site, tmp_path):
    asked(chat)
    again = Chat(Site(site.archive, History(tmp_path / "history.sqlite")), "zh")
    assert [talk.id for talk in again.conversations("甲")] == ["c"]
    assert "68米" in told(again.show("c", "甲"))
    assert again.conversations("乙") == []
    assert again.show("c", "乙").messages == []
    assert again.show("c", "乙").conversation == ""


def test_conversations_are_listed_found_and_named_by_their_own_reader(chat):
    asked(chat)
    assert QUESTION in chat.talks("c", "甲")
    assert 'aria-current="page"' in chat.talks("c", "甲")
    assert QUESTION not in chat.talks("c", "甲", "灯塔")
    chat.rename("c", "抢来的", "乙")
    assert "抢来的" not in chat.talks("c", "甲") + chat.talks("c", "乙")
    chat.rename("c", " 塔吊  司机 ", "甲")
    assert ">塔吊 司机</a>" in chat.talks("c", "甲")


def test_a_follow_up_is_completed_and_shown(chat, generator):
    generator.reply = "灯塔守护员是王小明。"
    asked(chat, "灯塔守护员是谁？")
    last = asked(chat, "他守了多少年塔？")[-1]
    assert "理解为" in told(last)
    assert len(last.messages) == 4


def test_asking_again_replaces_the_turn_and_those_after_it(chat, site):
    asked(chat)
    asked(chat, "职工足球联赛谁夺冠？")
    screens = chat.ask_again(1, "c", "甲", Narrowed(), question="塔吊有多高？")
    assert len(next(screens).messages) == 2
    assert len(site.history.turns("甲", "c")) == 2  # until there is an answer
    list(screens)
    assert [turn.question for turn in site.history.turns("甲", "c")] == ["塔吊有多高？"]


def test_a_turn_of_somebody_else_is_not_asked_again(chat, site):
    asked(chat)
    held = site.history.turns("甲", "c")
    (screen,) = chat.ask_again(0, "c", "乙", Narrowed())
    assert all(part == gr.skip() for part in screen)
    assert site.history.turns("甲", "c") == held


def test_stopped_where_it_was_and_the_answer_before_comes_back(chat):
    (box, messages) = chat.stopped(next(iter(chat.ask(QUESTION, "c", "甲", Narrowed()))).messages, "c", "甲")
    assert (box["submit_btn"], box["stop_btn"]) == (True, False)
    assert "已停止" in messages[-1]["content"]
    asked(chat)
    again = next(iter(chat.ask_again(0, "c", "甲", Narrowed()))).messages
    assert chat.stopped(again, "c", "甲")[1] == chat.show("c", "甲").messages


def test_dates_read_from_the_question_are_shown_and_can_be_dropped(chat):
    _, found, *_, last = asked(chat, "4月18日的报道里塔吊司机每天爬多高？")
    for screen in (found, last):
        assert "按问题里的“4月18日”：" in screen.chips
        assert '<span>2025-04-18</span><button type="button" data-drop="dates"' in screen.chips
    again = list(chat.ask_again(-1, "c", "甲", Narrowed(), read_dates=False))
    assert len(again[-1].messages) == 2
    assert again[-1].chips == ""


def test_what_remains_of_a_question_becomes_the_readers_own_filters(chat):
    asked(chat, "4月18日第3版的报道里塔吊司机每天爬多高？")
    read = {"since": "2025-04-18", "until": "2025-04-18", "page": 3}
    assert Narrowed(section="人物").without("page", read) == Narrowed("2025-04-18", "2025-04-18", section="人物")
    assert chat.without("dates", "c", "甲", Narrowed(section="人物")) == Narrowed(section="人物", page="3")
    assert chat.without("all", "c", "甲", Narrowed(section="人物")) == Narrowed()
    shown = chat.render.own_chips(Narrowed("2025-04-18", "2025-04-18", page="3"))
    assert [part in shown for part in ("<span>2025-04-18</span>", "<span>第3版</span>", "至")] == [True, True, False]


def test_a_refusal_by_filters_can_be_asked_again_without_them(chat):
    where = Narrowed(since="1999-01-01", until="1999-12-31", section="人物")
    shown = told(list(chat.ask(QUESTION, "c", "甲", where))[-1])
    assert re.findall(r'class="widen" href="[^"]*&(?:amp;)?drop=(\w+)"', shown) == ["dates", "section", "all"]
    assert "不限“人物”再问" in shown
    assert 'class="widen"' not in told(list(chat.ask("月亮上有几只兔子？", "d", "甲", Narrowed()))[-1])


def test_a_refusal_offers_what_comes_nearest(chat):
    shown = told(asked(chat, "1999年5月的报纸登了什么？")[-1])
    assert '<a class="view" href="/issues/2025-04-18?lang=zh">翻开 2025-04-18 的报纸</a>' in shown
    assert re.findall(r'class="widen" href="[^"]*&(?:amp;)?drop=(\w+)"', shown) == ["dates"]
    assert "打开最接近的报道" not in shown
    asked(chat, conversation="d")
    (turn,) = chat.site.history.turns("甲", "d")
    near = chat.render.answer(Turn("t", "d", "", "", QUESTION, turn.answer | {"kind": "refused"}))
    assert re.search(r'<a class="read" href="/articles/[^"]+start=\d+[^"]*">打开最接近的报道</a>', near)
    assert "翻开" not in near


def test_how_a_follow_up_was_understood_can_be_corrected(chat, site):
    asked(chat, "灯塔守护员是谁？")
    last = asked(chat, "他每天爬多高？")[-1]
    assert 'class="quiet reword"' in told(last)
    turn = site.history.turns("甲", "c")[1]
    (unchanged,) = chat.reword(turn.id, QUESTION, "c", "乙", Narrowed())
    assert all(part == gr.skip() for part in unchanged)
    last = list(chat.reword(turn.id, f" {QUESTION}", "c", "甲", Narrowed()))[-1]
    assert [held.question for held in site.history.turns("甲", "c")] == ["灯塔守护员是谁？", QUESTION]
    assert "68米" in told(last)


def test_the_stages_of_an_answer_are_told(chat):
    stages = [re.findall('role="status">(.*?)</span>', told(screen)) for screen in asked(chat)[:-1]]
    order = list(dict.fromkeys(stage[0] for stage in stages))
    assert [order[0][:4], order[1][:2], *order[-2:]] == ["正在查找", "查到", "正在写，还没有核对", "正在逐句核对……"]


def test_the_readers_own_narrowing_is_searched_in(chat):
    screens = list(chat.ask(QUESTION, "c", "甲", Narrowed(since="1999-01-01", until="1999-12-31")))
    assert "馆藏里没有所问的报纸" in told(screens[-1])
    screens = list(chat.ask(QUESTION, "c", "甲", Narrowed(page="3", section="人物")))
    assert "68米" in told(screens[-1])


def test_ratings_are_kept_and_become_questions_for_eval(chat, site):
    asked(chat)
    chat.rate(1, True, "c", "甲")
    (turn,) = site.history.rated()
    assert as_question(turn)["article_ids"] == ["issues/2025-04-18/03.md#2"]
    chat.rate(1, "引文不对", "c", "甲")
    (turn,) = site.history.rated()
    assert (turn.liked, turn.reason) == (False, "引文不对")
    assert "article_ids" not in as_question(turn)


def test_examples_are_of_several_kinds_and_of_different_articles(archive):
    articles = newest(archive.store.catalogue)
    offered = examples(articles)
    assert 4 <= len(offered) <= 6
    assert len({example.kind for example in offered}) == len(offered)
    titles = {article.title for article in articles}
    named = [title for example in offered for title in re.findall("《(.+?)》", example.question)]
    assert set(named) <= titles
    assert len(named) == len(set(named))
    front = front_page(articles)
    assert (front.paper, front.page) == ("江州劳动报", 1)


def test_an_empty_archive_offers_nothing():
    assert examples([]) == []
    assert front_page([]) is None


def test_cited_words_are_marked_by_their_place_in_the_article(archive):
    passage = archive.retrieve("灯塔守护员", k=1)[0]
    assert isinstance(passage, Passage)
    span = (passage.start + 2, passage.start + 5)
    pieces = marked_pieces(passage.article.body, passage.start, passage.end, [span])
    assert "".join(piece.text for piece in pieces) == passage.text
    assert [piece.text for piece in pieces if piece.marked] == [passage.text[2:5]]


def test_an_article_is_laid_out_with_the_cited_sentence_marked(reader):
    page = reader.get("/articles/issues/2025-04-18/03.md%232?start=0&end=10").text
    assert page.startswith("<!doctype html>")
    assert "塔吊上的“绣花姑娘”" in page
    assert re.search(r"<mark>.{10}</mark>", page)
    fragment = reader.get("/articles/issues/2025-04-18/03.md%232", headers={"X-Fragment": "1"}).text
    assert fragment.startswith("<article")


def test_characters_that_recognition_may_have_misread_are_marked_in_the_article(reader, monkeypatch):
    headline = Region("headline", Box(0, 0, 1, 1), Sheet(), text="题目", doubtful=(0,))
    line = Region("line", Box(0, 0, 1, 1), Sheet(), start=0, end=10, doubtful=(1, 3))
    monkeypatch.setattr(Catalogue, "regions", lambda *_: (headline, line))
    page = reader.get("/articles/issues/2025-04-18/03.md%232?start=0&end=10").text
    assert re.findall('<span class="doubtful" title="识别时没有把握，可能有误">(.+?)</span>', page) == ["江", "东"]
    places = reader.get("/places/issues/2025-04-18/03.md%232").json()["pages"]
    assert [region.get("doubtful") for place in places for region in place["regions"]] == [[0], [1, 3]]


@pytest.mark.parametrize("path", ["/articles/nothing", "/issues/1999-01-01", "/answers/nothing", "/answers/x.exe"])
def test_what_is_not_held_is_said_plainly(reader, path):
    reply = reader.get(path)
    assert reply.status_code == 404
    assert "可能已经删除" in reply.text


def test_issues_are_listed_by_day_and_page(reader):
    assert '<a class="view" href="/issues/2025-04-18?lang=zh"' in fragment(reader, "/issues")
    issue = fragment(reader, "/issues/2025-04-18")
    assert issue.index("第1版") < issue.index("第2版") < issue.index("第3版")
    assert "塔吊上的“绣花姑娘”" in issue


def test_the_overview_counts(reader, archive):
    found = overview(archive.store, "塔吊")
    assert sum(entry.articles for entry in found.spread) == archive.store.stamp.articles
    held = sum("塔吊" in article.body + article.heading for article in archive.articles(99))
    assert sum(entry.articles for entry in found.term_spread) == held > 0
    page = reader.get("/overview?term=塔吊&lang=en").text
    assert "Articles by month" in page
    assert "since=2025-04-01&amp;until=2025-04-30" in page


def test_an_answer_can_be_shared_and_taken_along(chat, client, site):
    asked(chat)
    (turn,) = site.history.turns("甲", "c")
    assert REPLY[:-1] in client.get(f"/answers/{turn.id}").text
    assert client.get(f"/answers/{turn.id}.txt").text.startswith("蓝采薇每天要爬68米高的塔吊[1]。\n[1] 《塔吊上")
    assert client.get(f"/answers/{turn.id}.md").text.startswith(f"## {QUESTION}\n\n蓝采薇")
    reference = client.get(f"/answers/{turn.id}.gbt").text.splitlines()[1]
    assert reference == "[1] 丁一鸣. 塔吊上的“绣花姑娘”[N]. 江州劳动报, 2025-04-18(3)."
    assert client.get("/conversations/c.md").status_code == 404


def test_an_answer_goes_out_in_every_form_that_hit_lists_have(chat, client, site):
    asked(chat)
    (turn,) = site.history.turns("甲", "c")
    page = client.get(f"/answers/{turn.id}").text
    assert f'class="print" href="/answers/{turn.id}?lang=zh"' in page
    for form in ("docx", *FORMS.keys() - {"txt", "gbt"}):
        assert f'href="/answers/{turn.id}.{form}" download' in page
        reply = client.get(f"/answers/{turn.id}.{form}")
        ending = "docx" if form == "docx" else FORMS[form].ending
        assert reply.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote(QUESTION)}.{ending}"
    for form in ("csv", "ris", "bibtex", "csl", "noteexpress"):
        assert client.get(f"/answers/{turn.id}.{form}").text.count("塔吊上的“绣花姑娘”") == 1
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/answers/{turn.id}.xlsx").content)).active
    assert sheet.cell(2, 2).value == "塔吊上的“绣花姑娘”"


def test_a_list_goes_out_whole_though_its_beginning_alone_is_cited(client, site, monkeypatch):
    monkeypatch.setattr("rag.search.counting._MOST_LISTED", 2)
    total = site.archive.search_all("工会").total
    for wanted, cited, taken in (("list", 2, total), ("first", 1, 1)):
        answer = counted_answer(site.archive.store, Counted(wanted, '"工会"'), "", Filter(), None)
        assert len(answer.citations) == cited < total
        turn = site.history.add("甲", "c", "列出提到工会的报道", answer.as_dict())
        assert client.get(f"/answers/{turn.id}.ris").text.count("TY  - NEWS") == taken
    monkeypatch.setattr("rag.web.views.search._MOST_EXPORTED", total - 1)
    turn = site.history.turns("甲", "c")[0]
    for url in (f"/answers/{turn.id}.ris", "/api/search?q=工会&form=ris"):
        reply = client.get(url)
        assert (reply.status_code, f"最多导出 {total - 1} 篇" in reply.text) == (400, True)


def test_a_form_that_cannot_be_made_is_one_sentence(chat, client, site, monkeypatch):
    asked(chat)
    (turn,) = site.history.turns("甲", "c")
    monkeypatch.setattr("index.extras.installed", lambda module: False)
    for form in ("xlsx", "docx"):
        reply = client.get(f"/answers/{turn.id}.{form}")
        assert (reply.status_code, "pip install" in reply.text) == (400, True)


def test_a_conversation_becomes_a_word_file(chat, site, tmp_path):
    asked(chat)
    (tmp_path / "c.docx").write_bytes(exports.docx(site.history.turns("甲", "c"), "题"))
    text = [paragraph.text for paragraph in Document(str(tmp_path / "c.docx")).paragraphs]
    assert QUESTION in text
    assert "蓝采薇每天要爬68米高的塔吊。" in text


def test_health_and_metrics(chat, client):
    asked(chat)
    assert client.get("/health").json() == {"status": "ok", "snapshot": "000001", "articles": 26}
    metrics = client.get("/metrics").text
    assert 'baowen_answers_total{outcome="answered"} 1.0' in metrics
    assert "baowen_in_line 0.0" in metrics


FOREIGN = re.compile(r"""(?:https?:|["'(])//(?!www\.w3\.org/)[\w.-]+|"(?:og|twitter):""")


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/en/", "/config", "/theme.css", "/own/manifest.json", "/openapi.json", "/gradio_api/info", "/feed"),
        *("/gradio_api/mcp/schema", "/issues", "/issues/2025-04-18", "/overview?term=塔吊", "/search?q=塔吊", "/login"),
        *("/own/app.js", "/own/page.js", "/own/talks.js", "/own/feed.js", "/own/tokens.css", "/own/frame.css"),
    ],
)
def test_no_foreign_host_is_named(reader, path):
    served = reader.get(path)
    assert served.status_code == 200
    assert FOREIGN.findall(served.text.replace("http://testserver", "")) == []


def test_compressed_pages_are_whole(reader):
    for coding in ("identity", "gzip", "br"):
        assert reader.get("/", headers={"Accept-Encoding": coding}).text.rstrip().endswith("</html>")


@pytest.mark.parametrize("host", ["foreign.example", "huggingface.co", "192.0.2.1"])
def test_an_address_in_place_of_a_file_is_not_fetched(reader, host, monkeypatch):
    """Gradio would fetch it."""
    looked_up = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *asked, **_: looked_up.append(asked[0]) or [])
    assert reader.get(f"/gradio_api/file=http://{host}/page.md").status_code == 403
    assert looked_up == []


def test_gradio_takes_no_files(reader):
    assert reader.post("/gradio_api/upload", files={"files": ("a.md", b"x")}).status_code == 403


def test_views_allow_no_code_but_their_own(reader):
    for path in ("/issues", "/login"):
        reply = reader.get(path)
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "script-src 'self';" in policy, path
        assert "unsafe-inline" not in policy.split("style-src")[0]
        assert re.findall(r"<script(?![^>]*\ssrc=)|\son\w+=|javascript:", reply.text) == []


def test_the_chat_is_a_gradio_app_in_both_languages(reader):
    for path, box in (("/", "想问报纸"), ("/en/", "Ask about")):
        parts = {part["props"].get("elem_id"): part for part in reader.get(f"{path}config").json()["components"]}
        assert parts["chat"]["type"] == "chatbot"
        assert parts["question"]["type"] == "textbox"
        assert box in parts["question"]["props"]["placeholder"]
        assert {parts[name]["type"] for name in ("paper", "section", "page", "reporter")} == {"dropdown"}


def test_a_search_lists_passages(reader):
    found = fragment(reader, "/search?q=塔吊")
    assert "塔吊上的“绣花姑娘”" in found
    assert "没有查到" not in found
    assert "立刻就有" in fragment(reader, "/search")


def test_openai_clients_can_ask(reader):
    body = {"model": "baowen", "messages": [{"role": "user", "content": QUESTION}]}
    message = reader.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]
    assert message["content"].startswith("蓝采薇每天要爬68米高的塔吊[1]。\n\n[1] 丁一鸣.")
    assert message["citations"][0]["article"]["title"] == "塔吊上的“绣花姑娘”"
    assert message["citations"][0]["quote"].startswith("在江州东站")
    lines = reader.post("/v1/chat/completions", json=body | {"stream": True}).text.splitlines()
    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text == message["content"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert lines[-2] == "data: [DONE]"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"messages": [{"role": "user", "content": " "}]}, 400, "问题是空的"),
        ({"messages": [{"role": "assistant", "content": "在"}]}, 400, "must be the user's"),
        ({"messages": []}, 400, "messages"),
    ],
)
def test_openai_clients_are_told_what_is_wrong(reader, body, status, says):
    reply = reader.post("/v1/chat/completions", json=body)
    assert reply.status_code == status
    assert says in reply.text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "messages"),
        ({"messages": [{"role": "user", "content": QUESTION}], "n": 2}, "n=1"),
        ({"messages": [{"role": "reader", "content": QUESTION}]}, "messages.0.role"),
        ({"messages": "塔吊"}, "messages"),
    ],
)
def test_openai_clients_read_errors_as_objects(reader, body, says):
    reply = reader.post("/v1/chat/completions", json=body)
    assert reply.status_code == 400
    assert says in reply.json()["error"]["message"]
    assert reply.json()["error"]["type"] == "invalid_request_error"


def test_a_body_that_is_no_json_is_an_error_object(reader):
    headers = {"Content-Type": "application/json"}
    reply = reader.post("/v1/chat/completions", content=b"{", headers=headers)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"].startswith("请求有误")


def test_a_body_that_is_too_large_is_refused(reader):
    headers = {"Content-Type": "application/json"}
    reply = reader.post("/v1/chat/completions", content=b"x" * 2_000_000, headers=headers)
    assert reply.status_code == 413, reply.text
    assert "请求太大" in reply.json()["error"]["message"]


def test_null_is_as_good_as_nothing(reader):
    asked = {"messages": [{"role": "user", "content": QUESTION}]}
    nothing = dict.fromkeys(("model", "stream", "stream_options", "n", "temperature", "tools"))
    assert "68米" in reader.post("/v1/chat/completions", json=asked | nothing).text


def test_a_stream_ends_with_the_usage_where_that_is_wanted(reader):
    asked = {"messages": [{"role": "user", "content": QUESTION}], "stream": True}
    lines = reader.post("/v1/chat/completions", json=asked | {"stream_options": {"include_usage": True}}).text
    *chunks, last = [json.loads(line[6:]) for line in lines.splitlines() if line.startswith("data: {")]
    assert last["choices"] == []
    content = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    counts = {"prompt_tokens": len(QUESTION), "completion_tokens": len(content)}
    assert last["usage"] == counts | {"total_tokens": sum(counts.values())}
    assert all(chunk["usage"] is None and chunk["choices"] for chunk in chunks)
    assert '"usage"' not in reader.post("/v1/chat/completions", json=asked).text


def test_usage_counts_what_was_read_of_the_conversation_and_is_null_where_no_tokens_are_known(client, site, generator):
    earlier = [{"role": "user", "content": "谁开塔吊？"}, {"role": "assistant", "content": "蓝采薇。" * 2000}]
    asked = {"messages": [{"role": "system", "content": "简短。"}, *earlier, {"role": "user", "content": QUESTION}]}
    reply = client.post("/v1/chat/completions", json=asked).json()
    content = reply["choices"][0]["message"]["content"]
    assert reply["usage"]["prompt_tokens"] == len("谁开塔吊？") + 4000 + len(QUESTION)
    assert reply["usage"]["completion_tokens"] == len(content)
    held = {name: getattr(generator, name) for name in ("stream", "choice")}
    site.archive._generator = SimpleNamespace(name="remote", reading_speed=None, writing_speed=None, **held)
    asked = {"messages": [{"role": "user", "content": QUESTION}]}
    assert client.post("/v1/chat/completions", json=asked).json()["usage"] is None


def test_the_model_can_be_looked_up(reader):
    (listed,) = reader.get("/v1/models").json()["data"]
    assert reader.get("/v1/models/baowen").json() == listed
    reply = reader.get("/v1/models/other")
    assert reply.status_code == 404
    assert "没有模型 other" in reply.json()["error"]["message"]


def test_of_a_long_conversation_only_what_is_leant_on_is_read(reader):
    long = [{"role": "user", "content": "塔吊有多高？"}, {"role": "assistant", "content": "王小明守塔。" * 50_000}]
    asked = {"messages": [*long, {"role": "user", "content": "他每天爬多高？"}]}
    started = time.process_time()
    assert reader.post("/v1/chat/completions", json=asked).status_code == 200
    assert time.process_time() - started < 5


def test_programs_find_typed_endpoints(reader):
    tools = {tool["name"]: tool for tool in reader.get("/gradio_api/mcp/schema").json()}
    assert tools.keys() == {"search", "search_all", "ask", "article"}
    assert tools["search"]["inputSchema"]["properties"]["k"]["type"] in ("integer", "number")
    assert "question" in tools["ask"]["inputSchema"]["properties"]
    assert "Find passages" in tools["search"]["description"]
    named = reader.get("/gradio_api/info").json()["named_endpoints"]
    assert named.keys() == {"/search", "/search_all", "/ask", "/article"}


def test_without_mcp_the_rest_is_served_and_the_log_says_how_to_install_it(site, monkeypatch, caplog):
    monkeypatch.setattr("rag.web.server.installed", lambda module: module != "mcp")
    with caplog.at_level("INFO"), TestClient(create_app(site)) as client:
        assert client.get("/gradio_api/mcp/schema").status_code == 404
        assert client.get("/gradio_api/info").json()["named_endpoints"].keys() >= {"/search", "/ask"}
    (line,) = [record.getMessage() for record in caplog.records if "MCP" in record.getMessage()]
    assert line.endswith(install_line("mcp"))


def test_a_conversation_is_called_by_its_first_question_and_the_latest_is_first(site):
    for conversation, question in (("a", "塔吊多高？"), ("b", "夜校在哪里？"), ("a", "谁开的？"), ("a", "？")):
        site.history.add("王芳", conversation, question, {})
    site.history.add("李敏", "a", "别人问的", {})
    held = [(talk.id, talk.title) for talk in site.history.conversations("王芳")]
    assert held == [("a", "塔吊多高？"), ("b", "夜校在哪里？")]


def test_an_event_cancels_what_is_under_way_before_it_does_its_own_work(reader):
    listening = {}
    for dependency in reader.get("/config").json()["dependencies"]:
        for target in dependency["targets"]:
            listening.setdefault(tuple(target), []).append(dependency)
    leaving = [own for own in listening.values() if any(one["cancels"] for one in own)]
    assert len(leaving) == 5  # a question that is sent, stop, a new conversation, another one, one deleted
    for own in leaving:
        cancels = next(place for place, one in enumerate(own) if one["cancels"])
        works = [place for place, one in enumerate(own) if one["backend_fn"]]
        assert works, own
        assert cancels < min(works)
