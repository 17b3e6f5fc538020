import pytest

from rag.query.answer_type import answer_type, asks_for_reporter, asks_for_several


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("渡轮为什么停运？", "reason"),
        ("停运的原因是什么？", "reason"),
        ("夜校怎么突然不招生了？", "reason"),
        ("他捐出奖金图个啥？", "reason"),
        ("这种酒是怎么酿的？", "other"),
        ("当地人把它称之为什么？", "other"),
        ("哪些街道停水？", "list"),
        ("获奖的三家企业是哪三家？", "list"),
        ("都有谁出席了揭牌？", "list"),
        ("港口队和船厂队谁赢了？比分是多少？", "several"),
        ("两座水库各蓄水多少？各是哪年建的？", "several"),
        ("他是哪年哪月到任的？", "other"),
        ("决赛打成几比几？", "other"),
        ("写《什么是幸福？》的是谁？", "other"),
        ("几个老友一起下水，先抱起孩子的是谁？", "other"),
    ],
)
def test_the_answer_type_decides_how_the_model_is_to_answer(question, expected):
    assert answer_type(question) == expected


def test_several_things_may_stand_in_several_articles():
    assert asks_for_several("昆山和无锡相比，谁的产值大？")
    assert not asks_for_several("夜校是哪年哪月开的？")


def test_who_reported_it_is_asked_of_the_byline():
    assert asks_for_reporter("这篇报道是谁写的？")
    assert asks_for_reporter("谁写了那篇关于夜校的报道？")
    assert not asks_for_reporter("谁写了《三十八年修表人》里的那封信？")
