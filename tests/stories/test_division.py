import pytest

from index.article import Article
from rag.results import Answer, Citation, Passage, Sentence
from rag.stories import division
from rag.stories.composing import composed, divided_answer
from rag.stories.division import Division, Part, divide

MONTHS = {"2024-07": 2, "2025-04": 1, "2025-05": 0}


def parts(question, months=MONTHS):
    divided = divide(question, lambda topic: months)
    return divided and [part.label for part in divided.parts]


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("比较江州和云桥的高温津贴标准", ["江州", "云桥"]),
        ("对比2024年和2025年的夜校报名情况", ["2024年", "2025年"]),
        ("江州和云桥的高温津贴有什么不同？", ["江州", "云桥"]),
        ("江州的高温津贴和云桥的高温津贴有什么不同？", ["江州", "云桥"]),
        ("2024年与2025年的夜校有哪些区别？", ["2024年", "2025年"]),
        ("江州同云桥相比，高温津贴哪个更高？", ["江州", "云桥"]),
        ("高温津贴是怎么变化的？", ["2024年7月", "2025年4月"]),
        ("夜校这几年是如何发展起来的？", ["2024年7月", "2025年4月"]),
        ("梳理柳河大桥维修的经过", ["2024年7月", "2025年4月"]),
        ("柳河大桥维修的来龙去脉是什么？", ["2024年7月", "2025年4月"]),
        ("夜校经历了哪些变化？", ["2024年7月", "2025年4月"]),
    ],
)
def test_questions_are_divided_into_named_or_dated_parts(question, labels):
    assert parts(question) == labels


@pytest.mark.parametrize(
    "question",
    [
        "高温津贴是多少？",
        "工会和职工代表谈了什么？",
        "江州的高温津贴有多少？",
        "谁主持了比较文学讲座？",
        "比较江州和江州的夜校",
    ],
)
def test_other_questions_are_left_whole(question):
    assert parts(question) is None


def test_a_development_of_one_period_is_one_question():
    assert parts("高温津贴是怎么变化的？", {"2025-04": 3}) is None


def test_many_months_become_years_and_a_long_year_quarters():
    long = {f"{year}-{month:02d}": 1 for year in range(2015, 2026) for month in (1, 6)}
    assert parts("夜校是怎么发展的？", long) == [f"{year}年" for year in range(2020, 2026)]
    year = {f"2024-{month:02d}": 1 for month in range(1, 9)}
    assert parts("夜校是怎么发展的？", year) == ["2024年1至3月", "2024年4至6月", "2024年7至9月"]
    assert divide("夜校是怎么发展的？", lambda topic: year).parts[0].until == "2024-03-31"


def answer(text, article, kind="answered"):
    body = Article(article, "题", text)
    passage = Passage(text, 1.0, 0, len(text), body)
    citation = Citation(1, text, 0, len(text), passage)
    return Answer(text, kind, sentences=(Sentence(text, (1,)),), citations=(citation,), passages=(passage,))


def test_parts_are_one_list_with_citations_numbered_through_and_gaps_named():
    divided = Division("comparison", (Part("江州", "?"), Part("云桥", "?"), Part("柳河", "?")))
    refused = Answer("没有。", "refused", reason="not in the archive")
    whole = composed("?", divided, [answer("每月三百元。", "a"), refused, answer("每月二百元。", "b", "quoted")])
    assert whole.text == "江州：每月三百元[1]。\n云桥：馆藏没有说。\n柳河：（报纸原文）每月二百元[2]。"
    assert [(c.number, c.passage.article.id) for c in whole.citations] == [(1, "a"), (2, "b")]
    assert [s.citations for s in whole.sentences] == [(1,), (2,)]
    assert whole.kind == "answered"
    nothing = composed("?", divided, [refused] * 3)
    assert (nothing.kind, nothing.reason) == ("refused", "not in the archive")


def test_a_sentence_without_a_citation_is_not_taken_over():
    bare = Answer("我猜的。", sentences=(Sentence("我猜的。", ()),))
    whole = composed("?", Division("comparison", (Part("江州", "?"),)), [bare])
    assert whole.text == "江州：馆藏没有说。"


def test_each_part_is_asked_as_a_question_of_its_own(archive):
    asked = []

    def ask(question, *, since=None, until=None):
        asked.append((question, since, until))
        return answer("有。", "a")

    assert divided_answer("江州和云桥的夜校有什么不同？", archive.store, ask).text.count("\n") == 1
    assert [question for question, *_ in asked] == ["江州的夜校是什么？", "云桥的夜校是什么？"]
    assert divided_answer("夜校是什么？", archive.store, ask) is None


def test_no_form_takes_long():
    for question in ("和" * 500, "的" * 500, "比较" + "江" * 300 + "和" * 100, "夜校" * 200 + "变化"):
        assert divide(question, lambda topic: {}) is None
    assert division._MOST_PERIODS == 6
