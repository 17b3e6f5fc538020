import re

import pytest

from index.text.names import Word
from rag.query.division import compared, matter
from rag.query.part_questions import asked_how

_TAGS = {
    "TIME": r"(?:\d+年)?(?:\d+月(?:\d+[日号]|初|底)?|上半年)(?:下午)?|\d{4}年|\d+[日号]",
    "LOC": "江州市?|云桥|柳河|北岸",
    "PER": "蓝采薇|丁一鸣",
    "n": "隧道|津贴|标准|大桥|报名|人数|夜校|一审|网上|当地媒体|传言|说法|学校|校长|老师|票房",
    "c": "和|与",
    "u": "的",
    "w": "[，、？。]",
}
_WORD = re.compile("|".join(f"(?P<{tag}>{form})" for tag, form in _TAGS.items()) + "|(?P<v>.)")


class FakeTagger:
    """Knows the words of these tests; every other character is a verb."""

    def words(self, text):
        return [Word(match.start(), match.end(), match.lastgroup) for match in _WORD.finditer(text)]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "江州和云桥的津贴标准有什么不同？",
            {"江州": "江州的津贴标准是怎样的？", "云桥": "云桥的津贴标准是怎样的？"},
        ),
        (
            "比较一下江州与云桥两地的报名人数",
            {"江州": "江州的报名人数是多少？", "云桥": "云桥的报名人数是多少？"},
        ),
        (
            "请对比江州、云桥、北岸三市的报名人数",
            {place: f"{place}的报名人数是多少？" for place in ("江州", "云桥", "北岸")},
        ),
        (
            "江州隧道和云桥隧道，哪条更长？各有多少米？",
            {"江州隧道": "江州隧道，多长？有多少米？", "云桥隧道": "云桥隧道，多长？有多少米？"},
        ),
        ("蓝采薇和丁一鸣一审各判了几年？", {name: f"{name}一审判了几年？" for name in ("蓝采薇", "丁一鸣")}),
        ("蓝采薇和丁一鸣，谁的津贴低？", {name: f"{name}的津贴多高？" for name in ("蓝采薇", "丁一鸣")}),
        (
            "夜校报名人数，2025年3月和4月各是多少？",
            {m: f"夜校报名人数，{m}是多少？" for m in ("2025年3月", "2025年4月")},
        ),
        ("2024年和2025年上半年的票房相差多少？", {d: f"{d}的票房是多少？" for d in ("2024年上半年", "2025年上半年")}),
        ("大桥的报名，3月5日和6日各收了多少？", {d: f"大桥的报名，{d}收了多少？" for d in ("3月5日", "3月6日")}),
        (
            "夜校的票房，3月5日收在多少，4月6日又收在多少？",
            {d: f"夜校的票房，{d}收在多少？" for d in ("3月5日", "4月6日")},
        ),
        ("大桥加固前后的标准有什么变化？", {s: f"大桥{s}的标准是怎样的？" for s in ("加固前", "加固后")}),
        (
            "关于夜校，网上的传言和当地媒体的说法有什么不同？",
            {s: f"关于夜校，{s}是怎样的？" for s in ("网上的传言", "当地媒体的说法")},
        ),
    ],
)
def test_a_question_is_divided_by_what_it_compares(question, parts):
    found = {part.label.removeprefix("大桥"): part.question for part in compared(question, FakeTagger)}
    assert found == parts


@pytest.mark.parametrize(
    "question",
    [
        "江州和云桥是哪天签下协议的？",  # one thing done by both
        "谁去了江州和云桥？",
        "夜校的报名人数是多少？",
        "江州各大学校和老师是谁？",
        "夜校和大桥",
    ],
)
def test_what_compares_nothing_stays_whole(question):
    assert compared(question, FakeTagger) == ()


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("请梳理柳河大桥维修的经过", "柳河大桥维修"),
        ("回顾一下夜校的发展历程", "夜校"),
        ("高温津贴是怎么变化的？", "高温津贴"),
        ("夜校这几年是如何一步步发展起来的？", "夜校"),
        ("柳河大桥维修这件事的来龙去脉是什么？", "柳河大桥维修"),
        ("夜校停办的始末", "夜校停办"),
        ("高温津贴这几年有什么变化？", "高温津贴"),
        ("柳河大桥有多长？", ""),
        ("蓝采薇怎么说？", ""),
    ],
)
def test_what_a_development_is_of(question, about):
    assert matter(question) == about


def test_of_each_report_is_asked_how_much_or_what_happened():
    assert asked_how("夜校的报名人数") == "夜校的报名人数是多少？"
    assert asked_how("柳河大桥维修") == "柳河大桥维修，发生了什么？"
