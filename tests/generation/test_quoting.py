from index.article import Article
from rag.generation.quoting import LONGEST, best_quotes, together
from rag.results import Passage
from rag.retrieval.reranking import read_passages
from tests.conftest import FakePairModel


def quotes(body, question, draft=""):
    article = Article("1", "", body)
    model, whole = FakePairModel(), Passage(body, 1.0, 0, len(body), article)
    return best_quotes(model, question, read_passages(model, question, [whole]), draft)


def test_the_sentence_that_tells_it_is_quoted_as_printed():
    body = "青螺水库蓄水一千万。白鹭水库蓄水九百万。会议由市长主持。"
    best = quotes(body, "白鹭水库蓄水多少？")[0]
    assert best.text == "白鹭水库蓄水九百万。"
    assert best.text == body[best.span.start : best.span.end]


def test_a_draft_that_the_sentence_tells_too_decides_between_two():
    body = "夜校在南门开课，有三百人。夜校在北门开课，有五百人。"
    assert quotes(body, "夜校在哪里开课？", "夜校在北门，五百人。")[0].text == "夜校在北门开课，有五百人。"


def test_a_long_sentence_is_cut_at_its_clauses_around_the_answer():
    body = (
        "，".join(f"第{n}件事说的是很远的另一处地方" for n in range(20))
        + "，白鹭水库蓄水九百万立方米，"
        + "还有别的" * 20
        + "。"
    )
    best = quotes(body, "白鹭水库蓄水多少？", "九百万立方米")[0]
    assert len(best.text) <= LONGEST
    assert "白鹭水库蓄水九百万立方米" in best.text


def test_a_second_sentence_stands_beside_the_best_where_it_fits():
    body = "白鹭水库蓄水九百万。" + "白鹭水库" * 40 + "。白鹭水库在北门。会议由市长主持。"
    found = together(quotes(body, "白鹭水库蓄水多少？在哪里？"))
    assert [quote.text for quote in found] == ["白鹭水库蓄水九百万。", "白鹭水库在北门。"]
    assert sum(len(quote.text) for quote in found) <= LONGEST
