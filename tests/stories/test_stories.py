import json

import pytest

from index.build import build
from index.config import PassageSettings
from index.errors import BaowenError
from rag import Archive
from rag.stories import threads
from rag.stories.reprints import differences
from rag.stories.threads import thread
from tests.conftest import FakeEmbedder

BRIDGE = "柳河大桥的三号桥墩发现裂缝，市交通局封闭了大桥，公交车改走云桥隧道。检测人员说，裂缝长两米，原因还在查。"
ARTICLES = [
    {"id": "crack", "title": "柳河大桥发现裂缝", "date": "2025-03-01", "text": BRIDGE},
    {
        "id": "again",
        "title": "大桥裂缝",
        "date": "2025-03-02",
        "text": BRIDGE.replace("两米", "三米") + "本报将继续关注。",
    },
    {
        "id": "cause",
        "title": "裂缝原因查明",
        "date": "2025-03-20",
        "text": "柳河大桥三号桥墩裂缝的原因查明：去年冬天桥墩遭货船碰撞。市交通局说，大桥封闭期间加固桥墩。",
    },
    {
        "id": "open",
        "title": "柳河大桥恢复通车",
        "date": "2025-05-11",
        "text": "去年冬天遭货船碰撞、因三号桥墩发现裂缝封闭的柳河大桥，昨天恢复通车，公交车不再改走云桥隧道。",
    },
    {
        "id": "market",
        "title": "菜价回落",
        "date": "2025-03-05",
        "text": "本市菜价上周回落，黄瓜每斤两元，西红柿每斤三元。",
    },
    {
        "id": "film",
        "title": "电影节开幕",
        "date": "2025-03-15",
        "text": "第三届短片电影节在江州开幕，十部短片参加评选。",
    },
    {"id": "undated", "title": "大桥", "text": "柳河大桥建成于三十年前，桥墩共有九个，是本市的第一座公路桥。"},
]
OTHERS = (
    "篮球 联赛 主场 三分球 教练 加时 决赛",
    "小麦 收割 农机 亩产 粮库 烘干 晒场",
    "画展 油画 策展 展厅 水墨 临摹 雕塑",
    "疫苗 接种 门诊 预约 流感 儿童 针剂",
    "地铁 换乘 站台 闸机 早班 延时 末班",
    "图书馆 借书 读者 讲座 闭馆 电子书 书架",
    "垃圾 分类 投放 回收 厨余 桶站 清运",
    "高考 考场 志愿 录取 考生 试卷 分数线",
    "消防 演练 灭火 疏散 烟雾 报警 云梯",
    "养老 食堂 助餐 老人 护理 床位 评估",
    "台风 降雨 预警 水位 转移 河堤 抢险",
    "招聘 岗位 求职 简历 面试 签约 园区",
)
ARTICLES += [
    {
        "id": f"other-{n}-{k}",
        "title": topic.split()[k],
        "date": f"2025-03-{10 + k:02d}",
        "text": "，".join(topic.split()) * 2,
    }
    for n, topic in enumerate(OTHERS)
    for k in range(3)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("stories")
    lines = "\n".join(json.dumps(article, ensure_ascii=False) for article in ARTICLES)
    (path / "a.jsonl").write_text(lines, encoding="utf-8")
    build([path / "a.jsonl"], path / "archive", FakeEmbedder(), PassageSettings())
    return path / "archive"


@pytest.fixture
def archive(folder, settings):
    return Archive.open(folder, settings)


def test_a_thread_has_what_came_before_and_after_without_reprints_and_other_matters(archive):
    found = archive.thread("cause")
    assert [f.article.id for f in found.earlier] == ["crack", "again"]
    assert [f.article.id for f in found.later] == ["open"]
    assert [f.days for f in (*found.earlier, *found.later)] == [-19, -18, 52]
    assert "大桥" in found.later[0].shared
    assert [f.article.id for f in archive.thread("crack").later] == ["cause", "open"]
    assert json.dumps(found.as_dict(), ensure_ascii=False)


def test_a_thread_ends_with_the_days_and_with_what_one_may_see(archive):
    from index.search.parser import parse

    assert archive.thread("cause", days=30).later == ()
    seen = thread(archive.store, archive.embedder, "cause", visible=parse("日期:2025-05"))
    assert [f.article.id for f in (*seen.earlier, *seen.later)] == ["open"]


@pytest.mark.parametrize(("identity", "said"), [("none", "no such article"), ("undated", "没有日期")])
def test_what_has_no_thread(archive, identity, said):
    with pytest.raises(BaowenError, match=said):
        archive.thread(identity)


def test_reports_near_in_meaning_are_likelier_with_the_embedder_that_the_weights_are_for(archive, monkeypatch):
    without = {follow.article.id: follow.score for follow in archive.thread("cause").later}
    monkeypatch.setattr(threads, "FITTED_FOR", archive.store.stamp.embedder)
    monkeypatch.setattr(type(archive.store), "cosines", lambda store, vector, numbers: [0.99] * len(numbers))
    embedder = FakeEmbedder()
    near = {follow.article.id: follow.score for follow in thread(archive.store, embedder, "cause").later}
    assert near["open"] > without.get("open", 0.0)
    assert embedder.embedded == ["裂缝原因查明\n" + ARTICLES[2]["text"]]


def test_reprints_show_what_they_change(archive):
    [found] = archive.reprints("crack")
    assert found.article.id == "again"
    left, right = ARTICLES[0]["text"], ARTICLES[1]["text"]
    changed = [(left[slice(*s.left)], right[slice(*s.right)]) for s in found.stretches if s.change != "equal"]
    assert ("裂缝长两米，", "裂缝长三米，") in changed
    assert any(b.endswith("本报将继续关注。") for _, b in changed)
    assert archive.reprints("market") == []


@pytest.mark.parametrize(
    ("a", "b"), [("", ""), ("甲乙。", ""), ("甲，乙。\n丙 12.5 丁", "甲，\n丙 12.6 丁。"), ("同", "同")]
)
def test_differences_cover_both_texts(a, b):
    stretches = differences(a, b)
    assert "".join(a[slice(*s.left)] for s in stretches) == a
    assert "".join(b[slice(*s.right)] for s in stretches) == b
    assert all((a[slice(*s.left)] == b[slice(*s.right)]) == (s.change == "equal") for s in stretches)


def test_two_searches_side_by_side(archive):
    found = archive.compare("大桥", "菜价 OR 短片")
    assert found.totals == (5, 2)
    assert found.months == {"2025-03": (3, 2), "2025-05": (1, 0)}
    assert "桥墩" in found.words[0]
    assert not set(found.words[0]) & set(found.words[1])
