"""Records of dumps and tables: long headlines, notes that say several things, lines of the page."""

import json

import pytest

from index.reading import read_issue

TITLE = "渡口添了两盏灯"
TEXT = "青禾江渡口昨晚添了两盏航标灯，一红一绿，夜航的货船不必再靠岸等天亮。"
MORE = "渡口主任陆鹤年说，灯用太阳能，阴天也能亮五夜，每盏花了八百六十元，由三家船行合出。"


def read(tmp_path, record, name="dump.json"):
    path = tmp_path / name
    path.write_text(json.dumps([record], ensure_ascii=False), encoding="utf-8")
    [article] = read_issue([(path, name)]).articles
    return article


@pytest.mark.parametrize(
    "title",
    [
        "青禾市长沈砚秋主持召开航道工作会议强调 把渡口灯光工程办成民心工程、放心工程 陆鹤年参加会议并说明养护办法",
        "青禾省第三次航道工作會議討論設立渡口燈光管理機關適應夜航需要發動全體船戶參與養護詳細辦法經大會研究後卽可決定並不改選",
    ],
    ids=["parts", "one long part"],
)
def test_a_long_headline_stays_one(tmp_path, title):
    assert read(tmp_path, {"title": title, "content": TEXT}).title == title


def test_a_note_tells_paper_date_and_page(tmp_path):
    note = "青禾報 日期：1931-05-08 版次/卷期：02 版 合眾社江口六日電"
    article = read(tmp_path, {"title": TITLE, "publish": note, "text": TEXT})
    assert (article.paper, article.date, article.page) == ("青禾報", "1931-05-08", 2)


@pytest.mark.parametrize(("number", "identity", "page"), [("7", "2031-03-05-7", None), ("0", "", None), ("7", "", 7)])
def test_the_number_of_an_article_in_its_file_s_name_is_no_page(tmp_path, number, identity, page):
    record = {"title": TITLE, "content": TEXT} | ({"id": identity} if identity else {})
    article = read(tmp_path, record, f"2031-03-05-{number}.json")
    assert (article.page, article.date) == (page, "2031-03-05")


def test_the_lines_of_the_page_around_a_record_s_text_are_no_text(tmp_path):
    lines = [TITLE, "2031-03-05 01:37", "来源：", "青禾日报", "字号：默认", "大", "超大", "|", "打印", TEXT, MORE]
    text = "\n   ".join([*lines, "【我要纠错】责任编辑：沈砚秋", "相关稿件"])
    article = read(tmp_path, {"title": TITLE, "content": text})
    assert article.body == f"{TEXT}\n{MORE}"
    assert (article.paper, article.date) == ("青禾日报", "2031-03-05")


def test_marks_that_nobody_sees_are_left_out(tmp_path):
    article = read(tmp_path, {"title": TITLE, "subtitle": "\u200b——夜航不必等天亮", "content": f"{TEXT}\u200b"})
    assert (article.subtitle, article.body) == ("——夜航不必等天亮", TEXT)
