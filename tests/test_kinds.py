import pytest

from rag.kinds import about_another, dodges, tells, with_whole_dates


@pytest.mark.parametrize(
    ("question", "sentence", "told"),
    [
        ("谁枪击了市长？", "市长被枪击。", False),
        ("谁枪击了市长？", "王小明枪击了市长。", True),
        ("谁枪击了市长？", "——……", False),
        ("这家公司是谁创立的？", "这家公司是2015年8月成立的。", False),
        ("挂绳售价多少？", "挂绳售价不菲。", False),
        ("挂绳售价多少？", "挂绳售价98元。", True),
        ("2022年产量是多少？", "2022年产量创新高。", False),
        ("夜校什么时候开学？", "夜校开学了。", False),
        ("夜校什么时候开学？", "夜校9月1日开学。", True),
        ("夜校什么时候开学？", "夜校十一月开学。", True),
        ("夜校什么时候开学？", "夜校明年春天开学。", True),
        ("他修表修了多久？", "他修表修了38年。", True),
        ("票价是多少？", "票价八元。", True),
        ("2022年的冠军是谁？", "2023年的冠军是王小明。", False),
        ("2022年的冠军是谁？", "2022年的冠军是王小明。", True),
        ("夜校在哪里？", "夜校在江州。", True),
        ("夜校在哪里？", "夜校在西门图书馆。", True),
        ("夜校在哪里？", "夜校将在当地时间19日举行。", False),
        ("夜校在哪一天开学？", "夜校9月1日开学。", True),
        ("产量增长了多少？", "发布会30日举行。", False),
        ("产量增长了多少？", "2022年7月增长4.8%。", True),
        ("展期多少天？", "展期30日。", True),
        ("第19届展会有多少人？", "第十八届展会有500人。", False),
        ("第19届展会有多少人？", "第十九届展会有500人。", True),
    ],
)
def test_a_sentence_tells_what_is_asked_for_or_not(question, sentence, told):
    assert tells(question, sentence) is told


@pytest.mark.parametrize(
    ("question", "answer", "dodged"),
    [
        ("吉祥物是谁？", "吉祥物是“雪容融”。", False),
        ("他在《相逢时节》中演的谁？", "他在《相逢时节》中演张立新。", False),
        ("这家公司是谁创立的？", "这家公司是舒畅创立的。", False),
        ("这家公司是谁创立的？", "这家公司是2015年8月成立的。", True),
        ("谁枪击了市长？", "市长被刺杀。", True),
        ("夜校什么时候开学？", "夜校开学了。", True),
        ("夜校在哪里？", "夜校在江州。", False),
        ("夜校的老师们", "夜校的老师们。", True),
        ("夜校在江州还是海城？", "夜校在江州。", False),
        ("夜校和食堂哪个先开？", "食堂先开。", False),
        ("夜校开了吗？", "夜校开了。", False),
        ("谁枪击了市长？", "枪击市长的枪手是枪手。", True),
        ("2022年产量是多少？", "2021年产量是500吨。", True),
        ("展会在哪个城市举行？", "展会在19日上午举行。", True),
        ("展会在哪个城市举行？", "展会在江州举行。", False),
        ("起点在哪？", "起点是威斯敏斯特。", False),
        ("江州队在哪个组？", "江州队在E组。", False),
        ("产量增长了多少？", "产量于2022年7月30日发布。", True),
        ("2022年产量是多少？", "产量是500吨，比2021年增长两成。", False),
    ],
)
def test_an_answer_dodges_what_is_asked_for_or_not(question, answer, dodged):
    assert dodges(question, answer) is dodged


def test_dates_are_as_full_as_they_are_printed():
    assert with_whole_dates("于2022年11月发布。", "在2022年11月30日发布。") == "于2022年11月30日发布。"
    assert with_whole_dates("于2022年发布。", "在2022年11月30日和2022年12月1日。") == "于2022年发布。"
    assert with_whole_dates("于2022年发布。", "没有日期。") == "于2022年发布。"


@pytest.mark.parametrize(
    ("question", "text", "dateline", "other"),
    [
        ("2022年的展会在哪里？", "2021年的展会在江州。", "", True),
        ("2022年的展会在哪里？", "2021“江州展会”在南门举办。", "", True),
        ("2022年的展会在哪里？", "2021年的展会在江州。", "展会 2022年3月1日", False),
        ("2022年的展会在哪里？", "展会在江州。", "展会 2021年3月1日", False),
        ("2022年的展会有多少人？", "展会来了2021人。", "", False),
        ("2022年的展会有多少人？", "人数与2021年持平。", "", False),
        ("2020年以来展会在哪里？", "2021年的展会在江州。", "", False),
        ("2022年的展会什么时候开？", "2021年12月30日开。", "", False),
        ("2021—2022年的展会在哪里？", "2021年的展会在江州。", "", False),
        ("第一家分店在哪里？", "第二家分店在江州。", "", True),
        ("第一家分店在哪里？", "首家分店在江州，第二家在海城。", "", False),
        ("首趟班列的起点？", "第2趟班列从江州出发。", "", True),
        ("首趟班列的起点？", "第2届展会的班列从江州出发。", "", False),
        ("第3届展会在哪里？", "第二届展会在江州。", "第三届展会", False),
        ("展会在哪里？", "第二届展会在江州。", "", False),
    ],
)
def test_a_text_is_about_another_than_the_one_asked_about_or_not(question, text, dateline, other):
    assert about_another(question, text, dateline) is other
