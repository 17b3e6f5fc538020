"""What is made of a question's parts; the parts are given, as the network would give them."""

import datetime

import pytest

from rag.search.counting_questions import LEAST_CERTAIN, counted_of
from rag.search.counting_tagger import QuestionPart, Tagged

TODAY = datetime.date(2025, 5, 20)


def tagged(question, *parts, kind="number", certainty=1.0, either=False):
    found, at = [], 0
    for label, text in parts:
        start = question.index(text, at)
        at = start + len(text)
        found.append(QuestionPart(label, start, at))
    return Tagged(kind, certainty, either, tuple(found))


def counted(question, *parts, known=None, latest=TODAY, **options):
    return counted_of(question, tagged(question, *parts, **options), TODAY, latest, known)


@pytest.mark.parametrize(
    ("question", "parts", "query"),
    [
        ("提到夜校的报道有几篇", [("topic", "夜校")], '"夜校"'),
        ("夜校和工会都提到的", [("topic", "夜校"), ("topic", "工会")], '"夜校" AND "工会"'),
        ("提到夜校没提工会的", [("topic", "夜校"), ("without", "工会")], '"夜校" NOT "工会"'),
        ("标题有夜校的", [("headline", "夜校")], '题名:"夜校"'),
        ("标题有夜校、正文有工会的", [("headline", "夜校"), ("body", "工会")], '题名:"夜校" AND 正文:"工会"'),
        ("王芳写的夜校", [("author", "王芳"), ("topic", "夜校")], '"夜校" 作者:"王芳"'),
        ("《云桥日报》登的夜校", [("paper", "《云桥日报》"), ("topic", "夜校")], '"夜校" 报名:"云桥日报"'),
        ("要闻版上的“夜校”", [("section", "要闻版"), ("topic", "“夜校”")], '"夜校" 版名:"要闻"'),
        ("副刊和要闻上的夜校", [("section", "副刊"), ("section", "要闻"), ("topic", "夜校")],
         '"夜校" (版名:"副刊" OR 版名:"要闻")'),
        ("第二版和五版的夜校", [("page", "第二版"), ("page", "五版"), ("topic", "夜校")], '"夜校" (版:2 OR 版:5)'),
        ("头版的夜校", [("page", "头版"), ("topic", "夜校")], '"夜校" 版:1'),
        ("一共有多少篇", [], "NOT 版:0"),
    ],
)  # fmt: skip
def test_parts_become_a_query(question, parts, query):
    assert counted(question, *parts).query == query


def test_either_of_the_topics_is_enough():
    parts = [("topic", "夜校"), ("topic", "工会")]
    assert counted("夜校工会任一", *parts, either=True).query == '"夜校" OR "工会"'
    without = [*parts, ("without", "港口")]
    assert counted("夜校工会任一，没有港口", *without, either=True).query == '("夜校" OR "工会") NOT "港口"'


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("去年", "日期:2024"),
        ("2023年以来", "日期:2023.."),
        ("2023年之前", "日期:..2022"),
        ("2024年下半年", "日期:2024-07..2024-12"),
        ("昨天", "日期:2025-05-19"),
        ("2023-08", "日期:2023-08"),
        ("2019", "日期:2019"),
        ("2015到2020", "日期:2015..2020"),
        ("上个季度", "日期:2025-01..2025-03"),
        ("九十年代", "日期:1990..1999"),
    ],
)
def test_dates_are_written_as_coarse_as_they_are(said, query):
    question = f"{said}有多少篇报道提到夜校？"
    assert counted(question, ("date", said), ("topic", "夜校")).query == f'"夜校" {query}'


@pytest.mark.parametrize(
    ("parts", "query", "undated"),
    [
        ([("date", "2031年")], "日期:2031", "NOT 版:0"),
        ([("date", "2031年"), ("author", "王芳")], '作者:"王芳" 日期:2031', '作者:"王芳"'),
        ([("author", "王芳")], '作者:"王芳"', '作者:"王芳"'),
    ],
)
def test_a_query_is_known_without_its_dates_too(parts, query, undated):
    found = counted("".join(text for _, text in parts) + "有几篇", *parts)
    assert (found.query, found.undated, found.topic) == (query, undated, False)


def test_a_date_that_no_part_is_limits_too_unless_it_is_in_a_topic():
    assert counted("去年提到夜校的", ("topic", "夜校")).query == '"夜校" 日期:2024'
    assert counted("2008年奥运会报了几次", ("topic", "2008年奥运会")).query == '"2008年奥运会"'


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("国庆期间提到夜校的", [("date", "国庆期间"), ("topic", "夜校")]),
        ("A2版提到夜校的", [("page", "A2版"), ("topic", "夜校")]),
        ("王芳、李强写的", [("author", "王芳"), ("author", "李强")]),
        ("2021年和2024年提到夜校的", [("date", "2021年"), ("date", "2024年"), ("topic", "夜校")]),
        ("提到“”的", [("topic", "“”")]),
    ],
)
def test_what_cannot_be_a_condition_is_left_to_the_model(question, parts):
    assert counted(question, *parts) is None


def test_what_is_uncertain_or_counts_nothing_is_left_to_the_model():
    assert counted("提到夜校的", ("topic", "夜校"), certainty=LEAST_CERTAIN - 0.01) is None
    assert counted("提到夜校的", ("topic", "夜校"), kind="none") is None
    assert counted("列出全部报道", kind="list") is None


def test_a_name_is_an_author_where_the_archive_has_that_reporter():
    def known(field, value):
        return (field, value) == ("作者", "王芳")

    assert counted("王芳的报道有几篇", ("topic", "王芳")).query == '"王芳"'
    assert counted("王芳的报道有几篇", ("topic", "王芳"), known=known).query == '作者:"王芳"'
    assert counted("提到王芳的有几篇", ("topic", "王芳"), known=known).query == '"王芳"'
