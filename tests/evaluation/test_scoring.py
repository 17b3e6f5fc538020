"""The judge of answers and of ranked lists is code; what it says is pinned here by small cases worked out by hand."""

import itertools
import math

import pytest

from index.article import Article
from rag.evaluation.metrics import METRICS, measures, summarise
from rag.evaluation.runner import holds
from rag.evaluation.scoring import length, score_answers, unmarked
from rag.results import Answer, Citation, Passage, Sentence, Timings

BODY = "夜校有68名学员。食堂在南门开张。夜校的学员来自江州。"
ARTICLE = Article("a", "夜校", BODY, date="2025-04-18")


def answer(*sentences: tuple[str, tuple[int, ...]], refused: bool = False, times=(0.0, None, 0.0)) -> Answer:
    passage = Passage(BODY, 1.0, 0, len(BODY), ARTICLE)
    starts = [0, BODY.index("食堂"), BODY.rindex("夜校"), len(BODY)]
    citations = tuple(
        Citation(number, BODY[start:end], start, end, passage)
        for number, (start, end) in enumerate(itertools.pairwise(starts), 1)
    )
    text = "".join(text + "".join(f"[{number}]" for number in numbers) for text, numbers in sentences)
    cited = tuple(Sentence(text, numbers) for text, numbers in sentences)
    return Answer(text, "refused" if refused else "answered", "", cited, citations, timings=Timings(*times))


@pytest.mark.parametrize(
    ("text", "answers", "right"),
    [
        ("夜校有68名学员。", [["68"]], True),
        ("夜校有６８名学员。", [["68 名"]], True),
        ("票房12,345元。", [["12345"]], True),
        ("作者写了《江 州》。", [["江州"]], True),
        ("交付日是2022年12月09日。", [["2022年12月9日"]], True),
        ("交付日是2022年12月19日。", [["2022年12月9日"]], False),
        ("编号是C109日程。", [["C19日程"]], False),
        ("甲和乙。", [["甲"], ["乙", "丙"]], True),
        ("甲和丁。", [["甲"], ["乙", "丙"]], False),
        ("GPT-4发布。", [["gpt-4"]], True),
        ("什么都有。", [], False),
    ],
)
def test_an_answer_is_right_when_every_part_stands_in_it_in_one_of_its_ways(text, answers, right):
    assert holds(text, answers) is right


def test_scores_of_answers_are_of_those_that_were_given():
    right = answer(("夜校有68名学员。", (1, 2)), times=(10.0, 100.0, 300.0))
    wrong = answer(("夜校有86名学员。", (1,)), times=(20.0, 200.0, 400.0))
    refused = answer(("食堂在南门开张。", (2,)), refused=True, times=(30.0, None, 500.0))
    scores = score_answers([right, wrong, refused], [True, False, True])
    assert scores == {
        "accuracy": pytest.approx(1 / 3),  # a refusal is never right
        "refused": pytest.approx(1 / 3),
        "quoted": 0.0,
        "mean_length": 9.0,
        "retrieve_ms_p50": 20.0,
        "first_token_ms_p50": 150.0,
        "total_ms_p50": 400.0,
    }
    alone = score_answers([refused], [False])
    assert (alone["accuracy"], alone["refused"]) == (0, 1)
    assert alone["first_token_ms_p50"] is None


def test_citation_marks_are_no_part_of_what_is_told():
    given = answer(("夜校有68名学员。", (1, 2)))
    assert (unmarked(given), length(given)) == ("夜校有68名学员。", 9)


@pytest.mark.parametrize(
    ("hits", "relevant", "expected"),
    [
        ([True], 1, [1, 1, 1, 1, 1, 1]),
        ([False, True], 1, [0, 1, 1, 1, 1 / 2, 1 / math.log2(3)]),
        ([False] * 10 + [True], 1, [0] * 6),  # only the first ten count
        ([False, False, True, True], 2, [0, 1, 1, 1, 1 / 3, (1 / 2 + 1 / math.log2(5)) / (1 + 1 / math.log2(3))]),
        ([], 0, [0] * 6),
    ],
)
def test_a_ranked_list_is_scored(hits, relevant, expected):
    assert measures(hits, relevant) == pytest.approx(expected)


def test_the_interval_of_a_mean_holds_it_and_is_the_same_each_time():
    rows = [measures([True], 1)] * 30 + [measures([False, True], 1)] * 10
    first, again = summarise(rows), summarise(rows)
    assert first == again
    assert list(first) == list(METRICS)
    assert first["hit@1"].mean == 0.75
    assert 0.5 < first["hit@1"].low < 0.75 < first["hit@1"].high < 0.95
    assert (first["hit@3"].low, first["hit@3"].high) == (1, 1)
