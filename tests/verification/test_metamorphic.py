"""A fact that is changed flips the verdict; layout and script that are changed do not."""

import opencc
import pytest

from index.article import Article
from rag.verification.checker import check
from tests.conftest import FakePairModel

BOOKROOMS = Article(
    "1",
    "书屋开到工地旁",
    "2024年3月，江州市在城东的工地旁建成26个书屋，藏书8400册。管理员陶若溪说，夜里也有人来读书。"
    "书屋由江州市图书馆管理，2024年3月9日起免费开放。工人杜远山借走了《江州故事》。",
    date="2024-03-18",
)
BUILT = "2024年3月，江州市在城东的工地旁建成26个书屋，藏书8400册。"
KEEPER = "管理员陶若溪说，夜里也有人来读书。"
MANAGED = "书屋由江州市图书馆管理，2024年3月9日起免费开放。"
BORROWED = "工人杜远山借走了《江州故事》。"


def supported(sentence):
    return check(FakePairModel(), sentence, [BOOKROOMS]).supported


@pytest.mark.parametrize(
    ("sentence", "printed", "changed"),
    [
        pytest.param(BUILT, "26个", "62个", id="数字-个数"),
        pytest.param(BUILT, "8400册", "8万册", id="数字-数量级"),
        pytest.param(BUILT, "8400册", "8400平方米", id="单位"),
        pytest.param(MANAGED, "2024年", "2022年", id="年份"),
        pytest.param(MANAGED, "3月9日", "3月19日", id="日期"),
        pytest.param(BORROWED, "杜远山", "林晓岚", id="人名"),
        pytest.param(BORROWED, "江州故事", "江州旧事", id="书名"),
    ],
)
def test_a_changed_fact_flips_the_verdict(sentence, printed, changed):
    assert supported(sentence)
    assert not supported(sentence.replace(printed, changed))


LAYOUTS = [
    pytest.param(lambda text: opencc.OpenCC("s2t").convert(text), id="繁体"),
    pytest.param(lambda text: text.translate({n: n + 0xFEE0 for n in range(0x30, 0x3A)}), id="全角数字"),
    pytest.param(lambda text: text.replace("，", ","), id="半角逗号"),
    pytest.param(lambda text: text.removesuffix("。"), id="没有句号"),
    pytest.param(lambda text: text.replace("，", "，\n"), id="换行"),
    pytest.param(lambda text: f"\u3000\u3000{text} ", id="首行缩进"),
    pytest.param(lambda text: text.replace("\u300a", "\u3008").replace("\u300b", "\u3009"), id="单书名号"),
]


@pytest.mark.parametrize("change", LAYOUTS)
@pytest.mark.parametrize("sentence", [BUILT, KEEPER, MANAGED, BORROWED], ids=["建成", "引语", "管理", "借书"])
def test_layout_and_script_change_no_verdict(sentence, change):
    assert supported(change(sentence))


@pytest.mark.parametrize("change", LAYOUTS)
def test_layout_and_script_hide_no_changed_fact(change):
    assert not supported(change(BUILT.replace("26个", "62个")))
    assert not supported(change(BORROWED.replace("杜远山", "林晓岚")))
