import re
import time
from decimal import Decimal
from fractions import Fraction
from importlib import resources

import pytest

from index.text import amounts
from index.text.numerals import Quantity, agrees, quantities

EXACT = [
    ("营收3.2亿元", "3.2亿元", 320000000, "元"),
    ("共1,378.06万元", "1,378.06万元", 13780600, "元"),
    ("全长１，２３４公里", "１，２３４公里", 1234, "公里"),
    ("总额1.2万亿元", "1.2万亿元", 1200000000000, "元"),
    ("超算投入 2.5 亿元", "2.5 亿元", 250000000, "元"),
    ("村里有3千多亩地", "3千多亩", 3000, "亩"),
    ("募得5百万美元", "5百万美元", 5000000, "美元"),
    ("来了1万2千人", "1万2千人", 12000, "人"),
    ("运走3万5千吨", "3万5千吨", 35000, "吨"),
    ("产粮两亿三千万斤", "两亿三千万斤", 230000000, "斤"),
    ("投资十二点五亿元", "十二点五亿元", 1250000000, "元"),
    ("月薪三万五", "三万五", 35000, ""),
    ("卖了一百二", "一百二", 120, ""),
    ("花去三千六", "三千六", 3600, ""),
    ("两百五", "两百五", 250, ""),
    ("亏了3万5", "3万5", 35000, ""),
    ("三十五万四千二百一十人", "三十五万四千二百一十人", 354210, "人"),
    ("一千零八十户", "一千零八十户", 1080, "户"),
    ("三万零五人", "三万零五人", 30005, "人"),
    ("廿三名学员", "廿三名", 23, "名"),
    ("姐妹俩都考上了", "俩", 2, ""),
    ("仨人合伙", "仨人", 3, "人"),
    ("一〇八户村民", "一〇八户", 108, "户"),
    ("占三成", "三成", Decimal("0.3"), "成"),
    ("占三成五", "三成五", Decimal("0.35"), "成"),
    ("占30％", "30％", Decimal("0.3"), "％"),
    ("约5‰的误差", "5‰", Decimal("0.005"), "‰"),
    ("百分之三点五", "百分之三点五", Decimal("0.035"), "百分之"),
    ("百分之百合格", "百分之百", 1, "百分之"),
    ("千分之二的税", "千分之二", Decimal("0.002"), "千分之"),
    ("三分之一的村", "三分之一", Fraction(1, 3), "三分之"),
    ("八分之五英寸", "八分之五", Fraction(5, 8), "八分之"),
    ("占5/8左右", "5/8左右", Fraction(5, 8), ""),
    ("过了一半", "一半", Decimal("0.5"), "半"),
    ("上调2.5个百分点", "2.5个百分点", Decimal("2.5"), "个百分点"),
    ("翻了2倍", "2倍", 2, "倍"),
    ("净利-1378.06万元", "-1378.06万元", -13780600, "元"),
    ("净利−3480元", "−3480元", -3480, "元"),
    ("为负3480元", "负3480元", -3480, "元"),
    ("气温零下5度", "零下5度", -5, "度"),
    ("历时3年", "3年", 3, "年"),
    ("为期30天", "30天", 30, "天"),
    ("用了2个月", "2个月", 2, "个月"),
    ("走了两年半", "两年半", Decimal("2.5"), "年"),
    ("开了一个半小时", "一个半小时", Decimal("1.5"), "小时"),
    ("等了半个月", "半个月", Decimal("0.5"), "个月"),
    ("水深3千米", "3千米", 3, "千米"),
    ("载重20 kg", "20 kg", 20, "kg"),
    ("每吨45元/吨", "45元/吨", 45, "元/吨"),
    ("售价$3.5亿", "$3.5亿", 350000000, "$"),
    ("萬元以上按三萬元計", "三萬元", 30000, "元"),
]


@pytest.mark.parametrize(("text", "printed", "value", "unit"), EXACT)
def test_a_quantity_is_read_with_its_value_and_unit(text, printed, value, unit):
    read = quantities(text)[-1]
    assert (read.text, read.value, read.unit, read.high) == (printed, value, unit, None)
    assert text[read.start : read.end] == printed


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "approximate"),
    [
        ("5-7吨", 5, 7, "吨", False),
        ("5～7吨", 5, 7, "吨", False),
        ("5至7吨", 5, 7, "吨", False),
        ("5到7吨", 5, 7, "吨", False),
        ("5吨—7吨", 5, 7, "吨", False),
        ("5-7万元", 50000, 70000, "元", False),
        ("5万至7万元", 50000, 70000, "元", False),
        ("5000至7万元", 5000, 70000, "元", False),
        ("三至五名", 3, 5, "名", False),
        ("3-5%", Decimal("0.03"), Decimal("0.05"), "%", False),
        ("3%到5%", Decimal("0.03"), Decimal("0.05"), "%", False),
        ("百分之三至五", Decimal("0.03"), Decimal("0.05"), "百分之", False),
        ("二三十人", 20, 30, "人", True),
        ("七八百户", 700, 800, "户", True),
        ("十七八岁", 17, 18, "岁", True),
        ("三五个人", 3, 5, "个人", True),
        ("一两天", 1, 2, "天", True),
        ("两三万元", 20000, 30000, "元", True),
        ("七八成", Decimal("0.7"), Decimal("0.8"), "成", True),
        ("十几个", 11, 19, "个", True),
        ("十几亿元", 1100000000, 1900000000, "元", True),
        ("几十人", 20, 99, "人", True),
        ("数百万元", 2000000, 9999999, "元", True),
    ],
)
def test_a_range_has_two_ends(text, low, high, unit, approximate):
    (read,) = quantities(text)
    assert (read.value, read.high, read.unit, read.approximate) == (low, high, unit, approximate)
    assert read.text == text


@pytest.mark.parametrize(
    ("text", "value", "side"),
    [
        ("约3000人", 3000, 0),
        ("3000人左右", 3000, 0),
        ("近3000人", 3000, -1),
        ("不足3000人", 3000, -1),
        ("不超过3000人", 3000, -1),
        ("3000多人", 3000, 1),
        ("3000余人", 3000, 1),
        ("超过3000人", 3000, 1),
        ("3000人以上", 3000, 1),
        ("10多万人", 100000, 1),
        ("三百多万人", 3000000, 1),
        ("上百人", 100, 1),
        ("近百名", 100, -1),
        ("百余名", 100, 1),
        ("十来个", 10, 0),
        ("上千万元", 10000000, 1),
        ("三个多月", 3, 1),
    ],
)
def test_an_approximate_quantity_says_on_which_side_the_exact_one_lies(text, value, side):
    (read,) = quantities(text)
    assert (read.value, read.approximate, read.side) == (value, True, side)


@pytest.mark.parametrize(
    "text",
    [
        "2023-04-18", "4-18", "2023年8月7日19时30分", "8月7日", "2023/8/7", "7至9月",
        "2020—2023年", "二〇二三年八月七日",
        "二十世纪九十年代", "C919首飞", "G318国道", "拨打12345热线", "12345政务服务便民热线", "A股",
        "5G网络", "COVID-19",
        "13812345678", "电话：010-62345678", "K396次", "318国道", "90后", "北京3号线", "周三名单公布", "比分3:2",
        "上半年", "第三季度", "19:30", "三点半", "下午三点二十分",
    ],
)  # fmt: skip
def test_dates_and_names_are_no_quantities(text):
    assert quantities(text) == []


WORDS = [
    line.split("\t")
    for line in resources.files("index.text").joinpath("not_numerals.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("word", "example"), WORDS)
def test_a_numeral_in_an_ordinary_word_is_no_quantity(word, example):
    assert quantities(example) == []


@pytest.mark.parametrize(("word", "example"), WORDS)
def test_each_word_of_the_list_is_needed(word, example, monkeypatch):
    monkeypatch.setattr(amounts, "_words", lambda: re.compile("(?!)"))
    assert quantities(example)


@pytest.mark.parametrize(
    "text",
    ["一些", "三明治", "五台山", "万科", "百货大楼", "零部件", "一部分", "千里之行", "十八大", "百年老店",
        "一样", "统一", "万一", "一直", "千万别去", "三明市", "张三", "五一", "百度", "四川",
     "十分重要", "双十一", "三亚", "李四", "五一期间", "一并"],
)  # fmt: skip
def test_a_numeral_without_a_measure_word_is_no_quantity(text):
    assert quantities(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("系统一个月未更新", ["一个月"]),
        ("共三千万人受益", ["三千万人"]),
        ("三十分钟后", ["三十分钟"]),
        ("现场九万一千五百人", ["九万一千五百人"]),
        ("他们俩一起走了", ["俩"]),
        ("3胜2负1平", ["3", "2", "1"]),
        ("增加5件，其中3件来自8月7日", ["5件", "3件"]),
    ],
)
def test_the_word_list_takes_no_real_quantity_away(text, found):
    assert [q.text for q in quantities(text)] == found


def test_an_ordinal_is_told_apart():
    assert [(q.text, q.value, q.ordinal) for q in quantities("第三名、第3次、第二十届，共3次")] == [
        ("第三名", 3, True),
        ("第3次", 3, True),
        ("第二十届", 20, True),
        ("共3次"[1:], 3, False),
    ]


def one(text: str) -> Quantity:
    (read,) = quantities(text)
    return read


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("563亿元", "563.44亿元"),
        ("8073万人", "8073.1万人"),
        ("8073万人", "8073.9万人"),
        ("3480万元", "0.348亿元"),
        ("三成", "30%"),
        ("百分之三点五", "3.5%"),
        ("三分之一", "33.3%"),
        ("5公里", "5000米"),
        ("5公里", "5千米"),
        ("100块", "一百元"),
        ("21名", "二十一人"),
        ("3个", "3名"),
        ("90平米", "90平方米"),
        ("2公斤", "4斤"),
        ("80公里/小时", "80km/h"),
        ("近3000人", "2980人"),
        ("3000多人", "3480人"),
        ("约3000人", "3100人"),
        ("十几人", "14人"),
        ("5至7吨", "5-7吨"),
        ("第三届", "第3届"),
        ("18个月", "一年半"),
        ("5", "5人"),
    ],
)
def test_quantities_agree(a, b):
    assert agrees(one(a), one(b))
    assert agrees(one(b), one(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("563亿元", "564.44亿元"),
        ("563亿元", "563亿美元"),
        ("3%", "3个百分点"),
        ("3480万元", "3480亿元"),
        ("3000人", "3480人"),
        ("一百人", "一百二十人"),
        ("1亿元", "1.4亿元"),
        ("3000多人", "2980人"),
        ("近3000人", "3100人"),
        ("约3000人", "3480人"),
        ("5至7吨", "6吨"),
        ("第三届", "3届"),
        ("3人", "3人次"),
        ("3名", "3家"),
        ("-3480元", "3480元"),
        ("3年", "3天"),
        ("4.22亿元", "4.22亿人次"),
    ],
)
def test_quantities_disagree(a, b):
    assert not agrees(one(a), one(b))
    assert not agrees(one(b), one(a))


@pytest.mark.parametrize("unit", ["1", "万", "一", "1,234", "1.", "三万", "5-", "百分之", "第", "1万2", "十几", "-"])
def test_long_runs_take_no_long_time(unit):
    began = time.thread_time()
    quantities(unit * 5000)
    assert time.thread_time() - began < 2
