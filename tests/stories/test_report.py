"""Reports on a topic: dated lines in the newspaper's own words."""

import json

import pytest

from index.build import build
from index.config import PassageSettings, Settings
from tests.conftest import FakeEmbedder, FakeGenerator, opened

REPORTS = [
    ("crack", "2025-03-01", "柳河大桥的三号桥墩发现裂缝，市交通局封闭柳河大桥，公交车改走云桥隧道。"),
    ("cause", "2025-03-20", "柳河大桥裂缝的原因查明：去年冬天三号桥墩遭货船碰撞，市交通局说要加固柳河大桥。"),
    ("open", "2025-04-11", "加固后的柳河大桥昨天恢复通车，三号桥墩的裂缝已经灌浆，公交车不再绕行云桥隧道。"),
    ("film", "2025-03-15", "第三届短片电影节在江州开幕，十部短片参加评选，影迷排队买票。"),
    ("market", "2025-03-05", "本市菜价上周回落，黄瓜每斤两元，西红柿每斤三元，市民提篮买菜。"),
]


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    """An archive of three reports on one matter and two others, with fakes."""
    folder = tmp_path_factory.mktemp("report")
    rows = [{"id": name, "title": "", "date": date, "text": text} for name, date, text in REPORTS]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    build([folder / "a.jsonl"], folder / "archive", FakeEmbedder(), PassageSettings())
    return folder / "archive"


def test_a_report_is_a_dated_list_in_the_newspapers_words(bridge):
    generator = FakeGenerator()
    answer = opened(bridge, Settings(embedder={"model": "fake"}), FakeEmbedder(), generator).report("柳河大桥裂缝")
    assert [part.label for part in answer.parts] == ["2025年3月1日", "2025年3月20日", "2025年4月11日"]
    assert answer.kind == "quoted"
    assert answer.text == "\n".join(f"{part.label}：{part.text}" for part in answer.parts)
    assert all(c.quote == c.passage.article.body[c.start : c.end] for c in answer.citations)
    assert generator.asked == []


def test_a_report_keeps_to_its_period_and_says_where_nothing_is_found(bridge):
    archive = opened(bridge, Settings(embedder={"model": "fake"}), FakeEmbedder(), FakeGenerator())
    found = archive.report("柳河大桥裂缝", until="2025-03-31")
    assert [c.passage.article.id for c in found.citations] == ["crack", "cause"]
    assert archive.report("火星移民飞船").refused
