from dataclasses import replace

import pytest

from index.passages import sentences
from rag.citing import Citations, Quote, cite

from .conftest import passages_of

QUESTION = "江州夜校有多少人？"
WEIGHTS = {"江州": 1.0, "夜校": 3.0}


def apart(written, *bodies):
    """How far apart the articles are that support an answer."""
    quotes = [Quote(passage, span) for passage in passages_of(*bodies) for span in sentences(passage.text)]
    citations = Citations()
    kept = cite(QUESTION, written, quotes, citations)
    assert kept
    return citations.apart(QUESTION, WEIGHTS, kept)


def test_the_article_with_the_answer_must_speak_of_what_is_asked():
    written = "江州职工夜校有300人报名。"
    assert apart(written, "江州职工夜校有300人报名。") == 0.0
    assert apart(written, "夜校有300人报名。", "江州职工欢度春节。") == 0.25
    assert apart(written, "江州食堂有300人报名。", "职工夜校开班了。") == 0.75


def test_sentences_of_one_article_belong_together():
    assert apart("江州职工夜校有300人报名。", "江州开了职工夜校。报名的有300人。") == 0.0


def test_a_day_that_is_put_together_from_two_dates_is_not_supported():
    available = [Quote(p, s) for p in passages_of("夜校5月28日开班，有2个班。") for s in sentences(p.text)]
    assert cite("夜校哪天开班？", "夜校5月28日开班。", available, Citations())
    assert not cite("夜校哪天开班？", "夜校2月28日开班。", available, Citations())


def test_next_year_is_not_july():
    available = [Quote(p, s) for p in passages_of("夜校预计7月开班。") for s in sentences(p.text)]
    assert cite("夜校何时开班？", "夜校7月开班。", available, Citations())
    assert not cite("夜校何时开班？", "夜校明年7月开班。", available, Citations())
    assert not cite("夜校何时开班？", "夜校明年开班。", available, Citations())
    assert cite("明年夜校何时开班？", "夜校明年7月开班。", available, Citations())


@pytest.mark.parametrize(
    ("text", "place", "number", "told"),
    [
        ("江州、海城和栖江的报名者分别为30人、50人和70人，比去年多。", "海城", 50, True),
        ("江州、海城和栖江的报名者分别为30人、50人和70人，比去年多。", "栖江", 70, True),
        ("江州、海城和栖江的报名者分别为30人、50人和70人，比去年多。", "江州", 50, False),
        ("江州、海城的报名者分别为30人、50人、70人。", "江州", 50, True),  # which is whose is not told
    ],
)
def test_a_figure_in_a_list_is_told_of_its_own_thing(text, place, number, told):
    available = [Quote(p, s) for p in passages_of(text) for s in sentences(p.text)]
    found = cite(f"{place}的报名者有多少人？", f"{place}的报名者有{number}人。", available, Citations())
    assert bool(found) is told


def test_who_it_was_must_stand_whole_in_what_is_cited():
    text = "王芳参加开幕式。李敏在开幕式上致辞，任裁判长。"
    (_, second) = [Quote(passage, span) for passage in passages_of(text) for span in sentences(text)]
    for name, told in {"李敏": True, "王芳": False}.items():
        assert bool(cite("裁判长是谁？", f"开幕式的裁判长是{name}。", [second], Citations())) is told
    (ours,) = [Quote(passage, span) for passage in passages_of("我国任主席国。") for span in sentences(passage.text)]
    assert cite("主席国是谁？", "主席国是中国。", [ours], Citations())


def test_what_the_question_does_not_say_must_stand_in_what_is_cited():
    text = "夜校开在江州。王芳致辞。老师是谁？老师是李敏。"
    quotes = [Quote(passage, span) for passage in passages_of(text) for span in sentences(text)]
    question = "江州夜校的老师是谁？"
    citations = Citations()
    assert cite(question, "江州夜校的老师是李敏。", quotes, citations)
    assert "老师是李敏。" in [citation.quote for citation in citations.found]
    assert not cite(question, "江州夜校的老师是李敏。", [q for q in quotes if "李敏" not in q.text], Citations())


def test_an_adverb_of_the_models_own_needs_no_support():
    quotes = [Quote(p, s) for p in passages_of("夜校停课，因为漏水。") for s in sentences(p.text)]
    assert cite("夜校为何停课？", "夜校最终无奈停课，因为漏水。", quotes, Citations())


def test_a_name_may_stand_long_before_in_the_article_and_need_not_be_said_again():
    (whole,) = passages_of("中国移动公布业绩。营收增长。公司决定中期派息2元。联通没有派息。")
    quote = sentences(whole.text)[2]
    later = replace(whole, text=whole.text[quote.start : quote.end], start=quote.start, end=quote.end)
    for payer, named in {"中国移动": True, "中国联通": False, "王芳": False}.items():
        assert bool(cite(f"{payer}派息多少？", f"{payer}派息2元。", [Quote(later, quote)], Citations())) is named


def test_what_tells_a_date_need_not_call_it_one():
    quotes = [
        Quote(p, s) for p in passages_of("江州考研初试定于12月25日。", "报名日期另定。") for s in sentences(p.text)
    ]
    citations = Citations()
    assert cite("江州考研日期", "江州考研的日期是12月25日。", quotes, citations)
    assert len(citations.found) == 1


def test_the_year_that_is_asked_for_may_stand_before_in_the_article():
    (whole,) = passages_of("2023年招录开始。此次计划招录90人。")
    quote = Quote(whole, sentences(whole.text)[1])
    for year, held in {"2023": True, "2022": False}.items():
        assert bool(cite(f"{year}年计划招录多少人？", f"{year}年计划招录90人。", [quote], Citations())) is held
    assert not cite("计划招录多少人？", "2023年计划招录90人。", [quote], Citations())
