import json
import re

import pytest

from benchmarks.search_oracle import plain
from index.storage.store import Filter
from rag.results import MetadataFilter
from rag.search.counting import Counted, counting_answer, read_counting
from tests.conftest import ROOT

_UNDERSTOOD = [
    ("有多少篇报道提到高温津贴？", "number", '"高温津贴"'),
    ("一共有几篇文章提到了夜校？", "number", '"夜校"'),
    ("关于夜校的报道有几篇？", "number", '"夜校"'),
    ("提到工会的文章一共有多少篇？", "number", '"工会"'),
    ("2025年有多少篇报道提到工会？", "number", '"工会" 日期:2025'),
    ("请问报纸上有几篇新闻提到彭望舒？", "number", '"彭望舒"'),
    ("有多少篇报道提到工会和职工？", "number", '"工会" AND "职工"'),
    ("有多少篇报道提到工会或职工？", "number", '"工会" OR "职工"'),
    ("有多少篇报道提到“随手拍”？", "number", '"随手拍"'),
    ("列出2025年所有关于高温津贴的报道", "list", '"高温津贴" 日期:2025'),
    ("列出提到孟晓川的全部报道", "list", '"孟晓川"'),
    ("哪些报道提到了彭望舒？", "list", '"彭望舒"'),
    ("最早什么时候报道了夜校专线？", "first", '"夜校专线"'),
    ("第一次提到技师工作站是什么时候？", "first", '"技师工作站"'),
    ("最后一次提到高温津贴是哪天？", "last", '"高温津贴"'),
    ("最近一次报道夜校是什么时候？", "last", '"夜校"'),
    ("每个月有几篇报道提到夜校？", "by_month", '"夜校"'),
    ("按月统计关于高温津贴的报道", "by_month", '"高温津贴"'),
    ("每年有多少篇文章提到工会？", "by_year", '"工会"'),
    ("各报分别有多少篇报道提到夜校？", "by_paper", '"夜校"'),
]


@pytest.mark.parametrize(("question", "wanted", "query"), _UNDERSTOOD)
def test_a_counting_question_is_understood(question, wanted, query):
    assert read_counting(question) == Counted(wanted, query)


@pytest.mark.parametrize(
    "question",
    [
        "户外劳动者的高温津贴是多少？",
        "夜校专线有几个站点？",
        "哪些企业上榜？",
        "职工读书月什么时候开幕？",
        "彭望舒说了什么？",
        "一季度上报了多少条隐患？",
        "最早的一班车几点？",
        "丁一鸣写了哪些报道？",
    ],
)
def test_another_question_is_left_alone(question):
    assert read_counting(question) is None


def test_the_number_is_that_of_the_query_shown(archive):
    answer = counting_answer(archive.store, "有多少篇报道提到工会？", Filter(), None)
    total = archive.search_all('"工会"').total
    assert f"共 {total} 篇" in answer.text
    assert '检索式："工会"' in answer.text
    assert len(answer.citations) == total
    for citation in answer.citations:
        assert citation.quote == citation.passage.article.body[citation.start : citation.end]


def test_first_and_by_month_and_none(archive):
    store = archive.store
    assert "最早的一篇是2025年4月18日的" in counting_answer(store, "最早什么时候报道了夜校专线？", Filter(), None).text
    total = archive.search_all("工会").total
    assert f"2025-04 {total} 篇" in counting_answer(store, "每个月有几篇报道提到工会？", Filter(), None).text
    none = counting_answer(store, "有多少篇报道提到火星基地？", Filter(), None)
    assert "0 篇" in none.text
    assert none.citations == ()


def test_dates_that_the_question_names_in_words_are_those_of_the_filter(archive):
    where, read = Filter("2024-01-01", "2024-12-31"), MetadataFilter("2024-01-01", "2024-12-31", None, "去年")
    assert "0 篇" in counting_answer(archive.store, "去年有多少篇报道提到工会？", where, read).text
    assert counting_answer(archive.store, "去年有多少篇报道提到工会？", where, None) is None


def test_the_filters_of_the_search_hold(archive):
    within = counting_answer(archive.store, "有多少篇报道提到工会？", Filter(page=2), None)
    assert f"共 {archive.search_all('工会 版:2').total} 篇" in within.text


def written():
    lines = (ROOT / "benchmarks" / "counting_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_questions_of_the_set_are_understood():
    questions = written()
    assert len(questions) >= 60
    understood = [read_counting(entry["question"]) for entry in questions]
    wrong = [
        (entry["question"], found)
        for entry, found in zip(questions, understood, strict=True)
        if ((found.wanted, found.query) if found else (None, None)) != (entry["wanted"], entry["query"])
    ]
    assert len(wrong) <= 0.05 * len(questions), wrong


def test_every_number_of_the_set_is_what_a_scan_of_the_texts_counts(archive):
    """The words and dates of the query shown, looked for in the texts one after another."""
    texts = [(a.date or "", plain(a.heading) + "\n" + plain(a.body)) for a in archive.articles(1000)]
    for entry in written():
        if entry["wanted"] is None:
            continue
        words, date = re.findall('"([^"]+)"', entry["query"]), (entry["query"].partition("日期:")[2])
        fits = any if " OR " in entry["query"] else all
        expected = sum(day.startswith(date) and fits(plain(w) in text for w in words) for day, text in texts)
        said = counting_answer(archive.store, entry["question"], Filter(), None).text
        assert f"{expected} 篇" in said.split("\n")[0], entry["question"]
