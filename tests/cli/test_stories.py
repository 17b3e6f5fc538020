import json

import pytest

TEXT = (
    "柳河大桥三号桥墩日前发现裂缝，裂缝长两米，市交通局当天封闭大桥，请来桥梁专家检查。封闭期间公交车改道绕行云桥隧道，"
    "货车从北岸渡口过江，沿岸学校推迟半小时上课，交通局将每天公布检查的结果。"
)
ARTICLES = [
    {"id": "crack", "title": "大桥桥墩开裂", "date": "2025-03-01", "text": TEXT},
    {"id": "again", "title": "大桥桥墩开裂", "date": "2025-03-02", "text": TEXT.replace("两米", "三米")},
    {
        "id": "open",
        "title": "大桥桥墩修好",
        "date": "2025-04-20",
        "text": "柳河大桥三号桥墩的裂缝已经灌浆，市交通局说封闭结束，公交车不再绕行云桥隧道。",
    },
    *(
        {"id": f"other{n}", "title": "市场", "date": f"2025-03-1{n}", "text": f"菜价回落，黄瓜每斤{n}元，西红柿上市。"}
        for n in range(8)
    ),
]


@pytest.fixture
def built(run, tmp_path):
    lines = "\n".join(json.dumps(article, ensure_ascii=False) for article in ARTICLES)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    assert run("build", tmp_path / "a.jsonl")[0] == 0
    return run


def test_a_thread_is_a_time_line_around_its_report(built):
    status, out, _ = built("thread", "crack")
    assert status == 0
    first, later = out.splitlines()
    assert first.startswith("2025-03-01 ▶ 《大桥桥墩开裂》")
    assert later.startswith("2025-04-20  《大桥桥墩修好》")
    assert "桥墩" in later
    found = json.loads(built("thread", "crack", "--json")[1])
    assert [follow["id"] for follow in found["later"]] == ["open"]
    assert len(built("thread", "crack", "--days", "10")[1].splitlines()) == 1


def test_a_thread_of_what_is_not_there_is_one_line(built):
    status, out, error = built("thread", "nothing")
    assert (status, out, len(error.splitlines())) == (1, "", 1)


def test_reprints_show_what_they_change(built):
    _, out, _ = built("reprints", "crack")
    first, left, right = out.splitlines()
    assert first.startswith("2025-03-02  《大桥桥墩开裂》")
    assert ("两" in left, "三" in right) == (True, True)
    assert [left.strip()[0], right.strip()[0]] == ["-", "+"]
    assert json.loads(built("reprints", "crack", "--json")[1])["id"] == "again"
    assert built("reprints", "open")[:2] == (0, "没有转载 (no reprints)\n")
    assert built("reprints", "open", "--json")[:2] == (0, "")


def test_two_searches_are_compared_by_month(built):
    _, out, _ = built("compare", "大桥", "菜价")
    one, other, *months = out.splitlines()
    assert one.startswith("大桥：3 篇；")
    assert other.startswith("菜价：8 篇；")
    assert months == ["2025-03  2  8", "2025-04  1  0"]
    assert json.loads(built("compare", "大桥", "菜价", "--json")[1])["totals"] == [3, 8]


def test_a_report_is_printed_by_date_and_written_as_a_word_file(built, tmp_path):
    status, out, _ = built("report", "柳河大桥三号桥墩裂缝", "--export", tmp_path / "大桥.docx")
    assert status == 0
    assert out.startswith("2025年3月1日：“")
    assert (tmp_path / "大桥.docx").read_bytes().startswith(b"PK")
    assert json.loads(built("report", "柳河大桥三号桥墩裂缝", "--until", "2025-03-31", "--json")[1])["parts"]
    status, _, error = built("report", "柳河大桥", "--export", tmp_path / "nowhere" / "a.docx")
    assert (status, len(error.splitlines())) == (1, 1)
