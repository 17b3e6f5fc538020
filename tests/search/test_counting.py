import datetime
import json
import re
import time

import pytest

from benchmarks.search_oracle import facets, plain
from index.errors import BaowenError
from index.storage.store import Filter
from rag.results import MetadataFilter
from rag.search.counting import counting_answer
from rag.search.counting_questions import read_counting
from rag.search.counting_spans import ROWS
from rag.search.hits import find
from tests.conftest import ROOT


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.kind} {row.value} {row.example}" for row in ROWS])
def test_each_row_of_the_table_does_what_its_example_says(row):
    counted = read_counting(row.example)
    assert (f"{counted.wanted} {counted.query}" if counted else "") == row.reading


def test_dates_are_written_as_coarse_as_they_are():
    today = datetime.date(2025, 5, 20)
    for said, query in (
        ("去年", "日期:2024"),
        ("2023年以来", "日期:2023.."),
        ("2023年之前", "日期:..2022"),
        ("2024年下半年", "日期:2024-07..2024-12"),
        ("昨天", "日期:2025-05-19"),
    ):
        assert read_counting(f"{said}有多少篇报道提到夜校？", today, today).query == f'"夜校" {query}'


def test_a_name_is_an_author_where_the_archive_has_that_reporter():
    question = "王芳的报道有几篇？"
    assert read_counting(question).query == '"王芳"'
    assert read_counting(question, known=lambda field, value: (field, value) == ("作者", "王芳")).query == '作者:"王芳"'


def test_a_long_question_is_read_in_time():
    begun = time.thread_time()
    for said in ("的情况", "查一下", "提到", "报道", "写", "各自", "王芳写的", "2024年", "《报》", "最多的人"):
        read_counting(f"有多少篇报道{said * 150}"[:148] + "吧哦")
    assert time.thread_time() - begun < 5


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
    answer = counting_answer(archive.store, "去年有多少篇报道提到工会？", where, read, datetime.date(2025, 5, 20))
    assert answer.search.query == '"工会" 日期:2024'
    assert "0 篇" in answer.text


def test_the_filters_of_the_search_hold(archive):
    within = counting_answer(archive.store, "有多少篇报道提到工会？", Filter(page=2), None)
    assert f"共 {archive.search_all('工会 版:2').total} 篇" in within.text


def written():
    lines = (ROOT / "benchmarks" / "counting_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_questions_of_the_set_are_understood():
    questions = written()
    assert len(questions) >= 85
    understood = [read_counting(entry["question"]) for entry in questions]
    wrong = [
        (entry["question"], found)
        for entry, found in zip(questions, understood, strict=True)
        if ((found.wanted, found.query) if found else (None, None)) != (entry["wanted"], entry["query"])
    ]
    assert len(wrong) <= 0.05 * len(questions), wrong


def said_by(answer):
    """The numbers and dates of an answer's first line: total, value → count, the date."""
    head = answer.text.split("\n")[0]
    if "0 篇" in head and head.startswith("馆藏里没有"):
        return 0, {}, ""
    total = re.search(r"共 (\d+) 篇", head)[1]
    listed = re.search(r"共 \d+ 篇[^：]*：([^；。]*)", head)
    values = dict(part.rsplit(" ", 2)[:2] for part in listed[1].split("、")) if listed else {}
    date = re.search(r"是(\d+)年(\d+)月(\d+)日的", head)
    return (
        int(total),
        {value: int(count) for value, count in values.items()},
        "{}-{:0>2}-{:0>2}".format(*date.groups()) if date else "",
    )


CONDITIONS = [  # words, the part of the query, what fits it
    ("关于工会的", '"工会"', lambda x: mentions(x, "工会")),
    ("提到夜校和职工的", '"夜校" AND "职工"', lambda x: mentions(x, "夜校") and mentions(x, "职工")),
    ("提到夜校或港口的", '("夜校" OR "港口")', lambda x: mentions(x, "夜校") or mentions(x, "港口")),
    ("王芳写的", '作者:"王芳"', lambda x: "王芳" in x.article.reporters),
    ("要闻版", '版名:"要闻"', lambda x: x.article.section == "要闻"),
    ("第3版", "版:3", lambda x: 3 in x.article.pages),
    ("《云桥日报》上", '报名:"云桥日报"', lambda x: x.article.paper == "云桥日报"),
    ("2024年7月", "日期:2024-07", lambda x: (x.article.date or "").startswith("2024-07")),
    (
        "2023年7月至2024年3月",
        "日期:2023-07..2024-03",
        lambda x: "2023-07" <= (x.article.date or "") < "2024-04",
    ),
    ("", "NOT 版:0", lambda x: True),
]
KINDS = [  # what the question asks, the facet that answers it
    ("{}报道一共有多少篇？", "number", ""),
    ("列出{}报道", "list", ""),
    ("最早的{}报道是什么时候？", "first", ""),
    ("最后一篇{}报道是哪天？", "last", ""),
    ("{}报道，每个月几篇？", "by_month", "month"),
    ("按年统计{}报道", "by_year", "year"),
    ("各报分别有多少篇{}报道？", "by_paper", "paper"),
    ("各记者分别有多少篇{}报道？", "by_reporter", "reporter"),
    ("{}报道里提到最多的人物是谁？", "most_person", "person"),
    ("{}报道里提到最多的单位是哪个？", "most_organisation", "organisation"),
    ("{}报道里提到最多的地方是哪里？", "most_place", "place"),
]


def mentions(x, word):
    return any(word in text for text in x.texts(""))


@pytest.mark.parametrize("kind", KINDS, ids=[wanted for _, wanted, _ in KINDS])
def test_every_number_and_date_is_that_of_a_scan(made_up, scanned, kind):
    asked, wanted, facet = kind
    for words, query, fits in CONDITIONS:
        question = asked.format(words)
        answer = counting_answer(made_up, question, Filter(), None)
        if wanted == "list" and not words:
            assert answer is None  # all that there is
            continue
        expected = [x for x in scanned if fits(x)]
        assert answer.search.query == query.strip("()"), question
        total, values, date = said_by(answer)
        assert total == answer.search.total == len(expected) > 0, question
        counts = facets(expected)[facet] if facet else {}
        if wanted.startswith("most"):
            assert len(values) == min(10, len(counts))
            assert sorted(counts.values(), reverse=True)[: len(values)] == list(values.values()), question
            assert values.items() <= counts.items(), question
        else:
            assert values == counts, question
        assert dict(answer.search.counts) == values, question
        days = sorted(x.article.date for x in expected if x.article.date)
        assert date == ({"first": days[0], "last": days[-1]}.get(wanted, "")), question
        rows = [citation.passage.article.id for citation in answer.citations]
        if wanted.startswith("most"):
            best = next(iter(values))
            expected = [x for x in expected if best in x.names[facet]]
        assert answer.search.listed_total == len(expected)
        assert len(rows) == len(set(rows)) == (1 if date else min(50, len(expected)))
        assert set(rows) <= {x.article.id for x in expected}, question


def test_a_row_quotes_where_the_words_stand(made_up):
    answer = counting_answer(made_up, "列出提到夜校的报道", Filter(), None)
    quoted = [plain(citation.quote) for citation in answer.citations]
    bodies = [plain(citation.passage.article.body) for citation in answer.citations]
    assert all("夜校" in quote for quote, body in zip(quoted, bodies, strict=True) if "夜校" in body)
    assert sum("夜校" in body for body in bodies) > 20
    for citation in answer.citations:
        assert citation.quote == citation.passage.article.body[citation.start : citation.end]


def test_the_query_of_an_answer_finds_what_was_counted(made_up):
    for asked, _, _ in KINDS:
        search = counting_answer(made_up, asked.format("要闻版提到职工的"), Filter(since="2023-03-01"), None).search
        assert find(made_up, search.query).total == search.total
        assert find(made_up, search.listed).total == search.listed_total


def test_what_no_report_is_of_is_left_to_the_model(made_up):
    assert counting_answer(made_up, "科学家写了几篇文章？", Filter(), None) is None
    assert counting_answer(made_up, "国际版有多少篇？", Filter(), None) is None


class Unsearched:
    """An archive without exact search, as one in Milvus."""

    @property
    def search(self):
        raise BaowenError("no exact search")

    snapshot = "1"

    def dates(self):
        return None, None


def test_an_archive_without_exact_search_answers_otherwise():
    assert counting_answer(Unsearched(), "有多少篇报道提到工会？", Filter(), None) is None
