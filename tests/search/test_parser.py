import pytest

from index.errors import BaowenError
from index.search.expression import And, Dates, Near, Not, Or, Pages, Text, Value, Wild
from index.search.parser import QueryError, parse


def word(text, part=None):
    return Text((text,), part)


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("高温津贴", word("高温津贴")),
        ('"高温 津贴"', word("高温津贴")),
        ("“高温 津贴”", word("高温津贴")),
        ("工会 职工", And((word("工会"), word("职工")))),
        ("工会 OR 职工 AND 夜校", Or((word("工会"), And((word("职工"), word("夜校")))))),
        ("工会 与（职工 或 夜校）非 港口", And((word("工会"), Or((word("职工"), word("夜校"))), Not(word("港口"))))),
        ("NOT 工会", Not(word("工会"))),
        ('"AND"', word("and")),
        (r"\AND", word("and")),
        (r"5\*3", word("5*3")),
        ('"5*3"', word("5*3")),
        ('"他说\\"好\\""', word('他说"好"')),
        ("比分3:2", word("比分3:2")),
        ("ＡＩ", word("ai")),
        ("工会 ＡＮＤ 职工", And((word("工会"), word("职工")))),
        ("工会 ＯＲ 职工　ＮＯＴ　夜校", Or((word("工会"), And((word("职工"), Not(word("夜校"))))))),
        ("工会 與 职工", And((word("工会"), word("职工")))),
        ("工会 and 职工", And((word("工会"), word("and"), word("职工")))),
        ("ｔｉｔｌｅ：高温", word("高温", "title")),
        ("題名：高温", word("高温", "title")),
        ('"高温 津贴"~8', Near("高温", "津贴", 8)),
        ('"甲 乙 丙"～2', And((Near("甲", "乙", 2), Near("乙", "丙", 2)))),
        ("王?芳", Text(("王", Wild(1, 1), "芳"))),
        ("工*会*", Text(("工", Wild(0, 20), "会"))),
        ("?会", Text((Wild(1, 1), "会"))),
        ("题名:高温", word("高温", "title")),
        ("正文：（高温 或 津贴）", Or((word("高温", "body"), word("津贴", "body")))),
        ("日期:2024-07..2024-09", Dates(20240701, 20240930)),
        ("日期:2024", Dates(20240101, 20241231)),
        ("日期:2024年2月", Dates(20240201, 20240229)),
        ("日期:..2024-07-30", Dates(None, 20240730)),
        ("date:2024-07..", Dates(20240701, None)),
        ("日期：２０２４－０７．．２０２４－０９", Dates(20240701, 20240930)),
        ("日期:2024…2025", Dates(20240101, 20251231)),
        ("版:2", Pages(2, 2)),
        ("版：１．．４", Pages(1, 4)),
        ("版:第2版", Pages(2, 2)),
        ("版:1..4", Pages(1, 4)),
        ("报名:江州劳动报", Value("paper", ("江州劳动报",))),
        ("作者:王*", Value("reporter", ("王", Wild(0, 20)))),
        ('单位:"江州市总工会"', Value("organisation", ("江州市总工会",))),
    ],
)
def test_a_query_means(query, meant):
    assert parse(query) == meant


@pytest.mark.parametrize(
    ("query", "place", "said"),
    [
        ("", 1, "空"),
        ("(工会", 1, "左括号没有配对"),
        ("工会)", 3, "右括号没有配对"),
        ("工会 AND", 7, "缺一个要查的词"),
        ("OR 工会", 1, "缺一个要查的词"),
        ("工会 非", 5, "缺一个要查的词"),
        ("()", 2, "没有要查的词"),
        ('工会 "职工', 4, "引号没有配对"),
        ('工会 ""', 4, "引号里没有字"),
        ("*", 1, "通配符"),
        ("工会 ？？", 4, "通配符"),
        ("工" + "?" * 30, 1, "最多 20 个"),
        ("标签:工会", 1, "没有“标签”这个字段"),
        ("题名:", 4, "后面要有值"),
        ("题名:(作者:王芳)", 5, "字段里不能再写字段"),
        ("日期:2024-13", 4, "不是日期"),
        ("日期:2023-02-29", 4, "不是日期"),
        ("日期:去年", 4, "不是日期"),
        ("日期:2024-09..2024-07", 4, "之后"),
        ("版:头版", 3, "不是版次"),
        ("工会~8", 3, "跟在引号后面"),
        ('"工会"~8', 1, "两个"),
        ('"工会 职工"~', 8, "0 到 100"),
        ('"工会 职工"~1000', 8, "0 到 100"),
        ("(" * 40 + "工会" + ")" * 40, 31, "太深"),
        ("工会" * 5000, 2001, "太长"),
        ("会 " * 150, 1, "太多"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(query, place, said):
    with pytest.raises(QueryError, match=f"查询第 {place} 个字处.*{said}") as caught:
        parse(query)
    assert isinstance(caught.value, BaowenError)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
