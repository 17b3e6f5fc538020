"""What is asked for in a way that makes no sense gets one clear error, never a TypeError or a silent misreading."""

import datetime

import pytest

from index.errors import BaowenError
from rag import Filter
from rag.query.validation import check_filter, check_history


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda archive: archive.ask(None), "不是 None"),
        (lambda archive: archive.retrieve(7), "不是 int"),
        (lambda archive: archive.retrieve("夜校", k="3"), "k='3'"),
        (lambda archive: archive.retrieve("夜校", k=2.5), "k=2.5"),
        (lambda archive: archive.retrieve("夜校", k=True), "k=True"),
        (lambda archive: archive.retrieve("夜校", since="2025-04-19", until="2025-04-18"), "晚于"),
        (lambda archive: archive.ask("夜校", since="2025-04-19", until="2025-04-18"), "晚于"),
        (lambda archive: archive.retrieve("夜校", page="头一版"), "不是版次"),
        (lambda archive: archive.retrieve("夜校", page="二三"), "不是版次"),
        (lambda archive: archive.retrieve("夜校", page=1.0), "不是版次"),
        (lambda archive: archive.retrieve("夜校", paper=3), "paper=3"),
        (lambda archive: archive.ask("夜校", pages=3), "没有 pages"),
        (lambda archive: archive.retrieve("夜校", pages=3), "没有 pages"),
        (lambda archive: archive.ask("夜校", where={"page": 3}), "where 是 dict"),
        (lambda archive: archive.ask("夜校", where=Filter(since="昨天")), "不是日期"),
        (lambda archive: archive.retrieve_many("夜校"), "一列问题"),
        (lambda archive: archive.retrieve_many(None), "一列问题"),
        (lambda archive: archive.ask("夜校", history="夜校"), "history 是 str"),
        (lambda archive: archive.ask("夜校", history=["问答"]), "history 里有"),
        (lambda archive: archive.ask("夜校", history=[{"text": "x"}]), "history 里有"),
        (lambda archive: archive.check(None), "不是 None"),
        (lambda archive: archive.check("夜校开学。", articles="03.md#2"), "一列文章编号"),
        (lambda archive: archive.report(["夜校"]), "不是 list"),
        (lambda archive: archive.articles("3"), "limit='3'"),
        (lambda archive: archive.articles(3, None), "offset=None"),
        (lambda archive: archive.search_all(None), "检索式.*不是 None"),
        (lambda archive: archive.search_all("夜校").page("3"), "limit='3'"),
        (lambda archive: archive.compare("夜校", 3), "不是 int"),
        (lambda archive: archive.name(None), "名字.*不是 None"),
        (lambda archive: archive.name("蓝采薇", limit="3"), "limit='3'"),
        (lambda archive: archive.correct_text("issues/2025-04-18/03.md#2", 3, "", who="甲"), "原文.*不是 int"),
        (lambda archive: archive.correct_text("issues/2025-04-18/03.md#2", "夜", "", who=None), "人.*不是 None"),
        (lambda archive: type(archive).open(None), "不是 None"),
    ],
)
def test_misuse_is_a_clear_error(archive, ask, message):
    with pytest.raises(BaowenError, match=message):
        ask(archive)


def test_a_page_may_be_written_as_it_is_printed(archive):
    for page in (2, "2", "第2版", "第二版", " 二版 "):
        found = archive.retrieve("职工", k=30, page=page)
        assert found
        assert all(2 in passage.article.pages for passage in found)
    day = datetime.date(2025, 4, 18)
    assert check_filter(day, day, page="第十二版").page == 12


def test_a_filter_is_the_same_whole_or_condition_by_condition(archive):
    whole = archive.retrieve("职工", k=30, where=Filter(until="2025-04-18", page=2))
    assert whole
    assert whole == archive.retrieve("职工", k=30, until="2025-04-18", page="第2版")
    assert check_filter("2025-04-18", None, Filter(until="2025-04-19", page=3), page=2) == Filter(
        "2025-04-18", "2025-04-19", page=2
    )


def test_messages_are_understood_as_a_conversation(archive):
    said = [
        {"role": "system", "content": "请用中文。"},
        {"role": "user", "content": "足球联赛第一名是谁？"},
        {"role": "assistant", "content": [{"type": "text", "text": "船厂队[1]。"}]},
    ]
    assert check_history(said) == [("足球联赛第一名是谁？", "船厂队[1]。")]
    assert check_history([["问", "答"], ("又问", "又答")]) == [("问", "答"), ("又问", "又答")]
    assert check_history(None) == []
    asked = archive.ask("那第二名呢？", history=said).question
    assert asked == archive.ask("那第二名呢？", history=[("足球联赛第一名是谁？", "船厂队[1]。")]).question
    assert "足球联赛" in asked
