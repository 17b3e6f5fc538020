import json
import re

import pytest

from benchmarks.search_oracle import facets, plain
from index.build import build
from index.config import PassageSettings
from index.errors import BaowenError
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder
from index.storage.store import Filter
from rag.results import MetadataFilter
from rag.search.counting import counted_answer
from rag.search.counting_questions import Counted
from rag.search.hits import find

UNION = Counted("number", '"工会"')


def test_the_number_is_that_of_the_query_shown(archive):
    answer = counted_answer(archive.store, UNION, "有多少篇报道提到工会？", Filter(), None)
    total = archive.search_all('"工会"').total
    assert f"共 {total} 篇" in answer.text
    assert '检索式："工会"' in answer.text
    assert len(answer.citations) == total
    for citation in answer.citations:
        assert citation.quote == citation.passage.article.body[citation.start : citation.end]


def test_first_and_by_month_and_none(archive):
    def text(wanted, query):
        return counted_answer(archive.store, Counted(wanted, query), "", Filter(), None).text

    assert "最早的一篇是2025年4月18日的" in text("first", '"夜校专线"')
    assert f"2025-04 {archive.search_all('工会').total} 篇" in text("by_month", '"工会"')
    none = counted_answer(archive.store, Counted("number", '"火星基地"'), "", Filter(), None)
    assert "0 篇" in none.text
    assert none.citations == ()


def test_dates_that_the_question_names_in_words_are_those_of_the_filter(archive):
    where, read = Filter("2024-01-01", "2024-12-31"), MetadataFilter("2024-01-01", "2024-12-31", None, "去年")
    answer = counted_answer(archive.store, Counted("number", '"工会" 日期:2024'), "", where, read)
    assert answer.search.query == '"工会" 日期:2024'
    assert "0 篇" in answer.text


def test_the_filters_of_the_search_hold(archive):
    within = counted_answer(archive.store, UNION, "", Filter(page=2), None)
    assert f"共 {archive.search_all('工会 版:2').total} 篇" in within.text


def said_by(answer):
    """The numbers and dates of an answer's first line: total, value → count, the date."""
    head = answer.text.split("\n")[0]
    if "0 篇" in head and head.startswith("馆藏里没有"):
        return 0, {}, ""
    total = re.search(r"共 (\d+) 篇", head)[1]
    listed = re.search(r"共 \d+ 篇[^：]*：([^；。]*)", head)
    told = re.sub(r"第(\d+)版", r"\1", listed[1]) if listed else ""
    values = dict(part.rsplit(" ", 2)[:2] for part in told.split("、")) if listed else {}
    date = re.search(r"是(\d+)年(\d+)月(\d+)日的", head)
    return (
        int(total),
        {value: int(count) for value, count in values.items()},
        "{}-{:0>2}-{:0>2}".format(*date.groups()) if date else "",
    )


CONDITIONS = [  # a query, what fits it
    ('"工会"', lambda x: mentions(x, "工会")),
    ('"夜校" AND "职工"', lambda x: mentions(x, "夜校") and mentions(x, "职工")),
    ('"夜校" OR "港口"', lambda x: mentions(x, "夜校") or mentions(x, "港口")),
    ('"夜校" NOT "港口"', lambda x: mentions(x, "夜校") and not mentions(x, "港口")),
    ('作者:"王芳"', lambda x: "王芳" in x.article.reporters),
    ('版名:"要闻"', lambda x: x.article.section == "要闻"),
    ("版:3", lambda x: 3 in x.article.pages),
    ('报名:"云桥日报"', lambda x: x.article.paper == "云桥日报"),
    ("日期:2024-07", lambda x: (x.article.date or "").startswith("2024-07")),
    ("日期:2023-07..2024-03", lambda x: "2023-07" <= (x.article.date or "") < "2024-04"),
    ("NOT 版:0", lambda x: True),
]
KINDS = {  # what is wanted, and the facet that answers it
    "number": "",
    "list": "",
    "first": "",
    "last": "",
    "by_month": "month",
    "by_year": "year",
    "by_paper": "paper",
    "by_section": "section",
    "by_page": "page",
    "by_reporter": "reporter",
    "most_person": "person",
    "most_organisation": "organisation",
    "most_place": "place",
}


def mentions(x, word):
    return any(word in text for text in x.texts(""))


@pytest.mark.parametrize(("wanted", "facet"), KINDS.items(), ids=KINDS)
def test_every_number_and_date_is_that_of_a_scan(made_up, scanned, wanted, facet):
    for query, fits in CONDITIONS:
        answer = counted_answer(made_up, Counted(wanted, query), "", Filter(), None)
        expected = [x for x in scanned if fits(x)]
        total, values, date = said_by(answer)
        assert total == answer.search.total == len(expected) > 0, query
        counts = facets(expected)[facet] if facet else {}
        if wanted.startswith("most"):
            assert len(values) == min(10, len(counts))
            assert sorted(counts.values(), reverse=True)[: len(values)] == list(values.values())
            assert values.items() <= counts.items()
        else:
            assert values == counts
        assert dict(answer.search.counts) == values
        days = sorted(x.article.date for x in expected if x.article.date)
        assert date == ({"first": days[0], "last": days[-1]}.get(wanted, ""))
        rows = [citation.passage.article.id for citation in answer.citations]
        if wanted.startswith("most"):
            best = next(iter(values))
            expected = [x for x in expected if best in x.names[facet]]
        assert answer.search.listed_total == len(expected)
        assert len(rows) == len(set(rows)) == (1 if date else min(50, len(expected)))
        assert set(rows) <= {x.article.id for x in expected}


def test_a_report_on_two_pages_counts_on_both_and_none_is_said_to_be_on_no_page(archive):
    hits = list(archive.search_all("江州"))
    assert max(len(hit.article.pages) for hit in hits) == 2
    head = counted_answer(archive.store, Counted("by_page", '"江州"'), "", Filter(), None).text.split("\n")[0]
    on = {n: sum(n in hit.article.pages for hit in hits) for n in range(1, 9)}
    assert head == f"共 {len(hits)} 篇：{'、'.join(f'第{n}版 {count} 篇' for n, count in on.items() if count)}。"


def test_reports_without_what_they_are_counted_by_are_said(tmp_path, embedder):
    records = [{"id": str(n), "text": f"工会{n}。", "page": n % 3 or None} for n in range(9)]
    lines = (json.dumps({k: v for k, v in record.items() if v}, ensure_ascii=False) for record in records)
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    build([tmp_path / "a.jsonl"], tmp_path / "x", embedder, PassageSettings())
    store = LocalStore(ArchiveFolder(tmp_path / "x").require_current())

    def head(wanted):
        return counted_answer(store, Counted(wanted, "工会"), "", Filter(), None).text.split("\n")[0]

    assert head("by_page") == "共 9 篇：第1版 3 篇、第2版 3 篇；另有 3 篇没有版次。"
    assert head("by_section") == "共 9 篇，都没有版名。"
    assert head("by_reporter") == "共 9 篇，都没有作者。"


def test_a_row_quotes_where_the_words_stand(made_up):
    answer = counted_answer(made_up, Counted("list", '"夜校"'), "", Filter(), None)
    quoted = [plain(citation.quote) for citation in answer.citations]
    bodies = [plain(citation.passage.article.body) for citation in answer.citations]
    assert all("夜校" in quote for quote, body in zip(quoted, bodies, strict=True) if "夜校" in body)
    assert sum("夜校" in body for body in bodies) > 20
    for citation in answer.citations:
        assert citation.quote == citation.passage.article.body[citation.start : citation.end]


def test_the_query_of_an_answer_finds_what_was_counted(made_up):
    for wanted in KINDS:
        counted = Counted(wanted, '"职工" 版名:"要闻"')
        search = counted_answer(made_up, counted, "", Filter(since="2023-03-01"), None).search
        assert find(made_up, search.query).total == search.total
        assert find(made_up, search.listed).total == search.listed_total


@pytest.mark.parametrize("query", ['作者:"科学家"', '版名:"国际"'])
def test_what_no_report_is_of_is_left_to_the_model(made_up, query):
    assert counted_answer(made_up, Counted("number", query, topic=False), "", Filter(), None) is None


NEAREST = "离所问日期最近的一期是 2025-04-18"


@pytest.mark.parametrize("wanted", ["number", "list", "first", "by_month", "by_section", "most_person"])
def test_of_dates_that_are_not_held_the_answer_is_none_with_what_is_held(archive, generator, monkeypatch, wanted):
    counted = Counted(wanted, '"工会" 日期:2031', undated='"工会"')
    monkeypatch.setattr("rag.search.counting._read", lambda *asked: counted)
    answer = archive.ask("2031年有多少篇关于工会的报道？")
    assert not answer.refused
    head = answer.text.split("\n")[0]
    assert head.startswith("馆藏里没有这样的报道：0 篇。馆藏有《")
    assert "2025-04-18 至 2025-04-18" in head
    assert head.endswith(f"；{NEAREST}。")
    assert '检索式："工会" 日期:2031' in answer.text
    assert (answer.search.query, answer.search.total, dict(answer.search.counts)) == ('"工会" 日期:2031', 0, {})
    assert answer.citations == answer.sentences == ()
    assert answer.narrowing.since == "2031-01-01"
    assert generator.asked == []


def test_of_dates_that_are_held_no_other_issue_is_named(archive):
    answer = counted_answer(archive.store, Counted("number", '"火星"'), "", Filter("2025-04-18", "2025-04-18"), None)
    assert "0 篇。馆藏有《" in answer.text
    assert "最近的一期" not in answer.text


@pytest.mark.parametrize(
    ("query", "undated", "total"),
    [
        ('作者:"王芳" 日期:2031', '作者:"王芳"', 0),
        ("日期:2031", "NOT 版:0", 0),
        ('作者:"科学家" 日期:2031', '作者:"科学家"', None),
        ('作者:"科学家" 日期:2024', '作者:"科学家"', None),
    ],
)
def test_who_is_known_at_other_dates_wrote_nothing_then(made_up, query, undated, total):
    answer = counted_answer(made_up, Counted("number", query, topic=False, undated=undated), "", Filter(), None)
    assert (answer and answer.search.total) == total


class Unsearched:
    """An archive without exact search, as one in Milvus."""

    @property
    def search(self):
        raise BaowenError("no exact search")

    snapshot = "1"

    def dates(self):
        return None, None


def test_an_archive_without_exact_search_answers_otherwise():
    assert counted_answer(Unsearched(), UNION, "", Filter(), None) is None
