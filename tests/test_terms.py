import pytest

from rag.terms import absolute_dates, amounts, days, numbers, terms, times


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("二十一名职工", {"21", "21人"}),
        ("21名职工", {"21", "21人"}),
        ("１．１万人", {"11000", "11000人"}),
        ("11,000人", {"11000", "11000人"}),
        ("1,234,567人", {"1234567", "1234567人"}),
        ("Jul 22, 2022", {"22", "2022", "7月22日"}),
        ("22,2022", {"22", "2022"}),
        ("3, 100和5", {"3", "100", "5"}),
        ("一万一千人", {"11000", "11000人"}),
        ("760亿美元", {"76000000000", "76000000000美元"}),
        ("1.20亿元", {"120000000", "120000000元"}),
        ("3000多亿元", {"300000000000", "300000000000元"}),
        ("百分之二十", {"20%"}),
        ("20％", {"20%"}),
        ("20个百分点", {"20%"}),
        ("二〇二四年", {"2024"}),
        ("一百零八名", {"108", "108人"}),
        ("三点五倍", {"3.5"}),
        ("第三名", {"3"}),
        ("2024年7月30日", {"2024", "7", "30", "7月30日"}),
        ("3千米", {"3", "3公里"}),
        ("千万不要一起来，十分高兴", set()),
    ],
)
def test_numbers_are_compared_by_value(text, values):
    assert terms(text).numbers == values
    assert values <= numbers(text) | amounts(text) | days(text)


@pytest.mark.parametrize(
    ("text", "held", "not_held"),
    [
        ("来了4.22亿人次", "422000000人", "422000000元"),
        ("花了687亿美金", "68700000000美元", "68700000000元"),
        ("产量500吨", "500吨", "500斤"),
        ("44 Australians: 44", "44人", "45人"),
        ("名列第二名", "2", "2人"),
        ("增长20%", "20%", "20%元"),
        ("二十多位职工", "20人", "20元"),
        ("8月9日起30日内有效", "30天", "9天"),
        ("二〇二四年三月建成，历时三年", "3年", "2024年"),
        ("2024年5月，18周岁", "18岁", "5岁"),
    ],
)
def test_a_number_measures_what_it_is_printed_with(text, held, not_held):
    assert held in numbers(text) | amounts(text)
    assert not_held not in amounts(text)


def test_relative_dates_mean_the_articles_own():
    assert {"2024", "7", "29", "2023"} <= numbers("昨天，他说去年来过。", "2024-07-30")
    assert absolute_dates("今年起，上个月", "2024-01-15") == {"今年": "2024年", "上个月": "2023年12月"}
    assert numbers("昨天") == set()


@pytest.mark.parametrize(
    ("text", "held", "not_held"),
    [
        ("5月28日首飞，有2架", "5月28日", "2月28日"),
        ("五月二十八日首飞", "5月28日", "5月20日"),
        ("2023-05-28", "5月28日", "5月23日"),
        ("Published May 28, 2023 ...", "5月28日", "6月28日"),
        ("6月26日至28日", "6月28日", "7月26日"),
        ("6月26、27日", "6月27日", "7月26日"),
        ("28日上午", "2月28日", "2月27日"),
        ("本报江州5月28日电 夜校29日开班", "5月29日", "5月28日"),
        ("May 28, 2023 ...夜校29日开班", "5月29日", "5月28日"),
        ("夜校5月28日电视开播", "5月28日", "5月29日"),
    ],
)
def test_a_day_belongs_to_its_month(text, held, not_held):
    assert held in days(text)
    assert not_held not in days(text)


def test_a_day_may_be_told_by_a_relative_date_or_in_english():
    assert "7月29日" in days("昨天", "2024-07-30")
    assert "7" in numbers("Jul 22, 2022")


@pytest.mark.parametrize(
    ("text", "held", "not_held"),
    [
        ("6日说，计划2021年交付", set(), {"6月"}),
        ("6月5日开班", {"6月"}, {"5月"}),
        ("2023-06-05", {"6月"}, {"5月"}),
        ("Jun 5, 2023 ...", {"6月"}, {"5月"}),
        ("6、7月开班", {"6月", "7月"}, set()),
        ("六月至八月开班", {"6月", "8月"}, {"7月"}),
        ("明年开班", {"明年"}, {"今年"}),
        ("上个月、下星期、昨日", {"上月", "下周", "昨天"}, {"今天"}),
    ],
)
def test_months_and_times_by_the_day_are_told_as_printed(text, held, not_held):
    assert held <= times(text)
    assert not not_held & times(text)


def test_times_by_the_day_mean_the_articles_own():
    assert {"去年", "上月", "6月"} <= times("2023年开班，上月结业", "2024-07-30")
    assert "6月" not in terms("6月5日").numbers
    assert {"6月", "明年"} <= terms("明年6月").numbers


def test_spelling_does_not_tell_names_apart():
    assert terms("ＧＰＴ-4").text == terms("gpt4").text == terms("G P T – 4").text
    assert terms("2022-08-01").text == "2022-08-01"


def test_names_and_quoted_words_are_told_apart():
    said = terms("王小明在北京说：“塔吊 就是我的家”，获《工人日报》报道。")
    assert said.names >= {"王小明", "北京", "工人日报"}
    assert said.quoted == {"塔吊就是我的家"}
