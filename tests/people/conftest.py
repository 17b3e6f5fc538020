import json

import pytest

from index.build import build
from index.config import PassageSettings
from index.text.names import Name
from tests.conftest import FakeEmbedder

NAMES = {
    "彭望舒": "person",
    "贺知遥": "person",
    "江州市总工会": "organisation",
    "江州总工会": "organisation",
    "柳河镇": "place",
}

ARTICLES = [
    {
        "id": "a",
        "title": "夜校开班",
        "date": "2025-04-01",
        "text": "江州市总工会（以下简称“市总”）昨天在柳河镇开办夜校。"
        "彭望舒说：“夜校每周三晚上开课，不收学费。”贺知遥也来了。",
    },
    {
        "id": "b",
        "title": "夜校报名",
        "date": "2025-04-09",
        "text": "“报名的人比去年多一倍，教室不够用了。”彭望舒告诉记者。江州总工会正在柳河镇另找教室。",
    },
    {
        "id": "c",
        "title": "市总的通知",
        "date": "2025-05-02",
        "text": "贺知遥转述“先到先得，额满为止”的通知，市总没有回应。",
    },
]


class Tagger:
    """Takes the names above wherever they stand."""

    def names(self, text):
        places = [(text.find(name), name, kind) for name, kind in NAMES.items()]
        return [Name(name, at, at + len(name), kind) for at, name, kind in sorted(places) if at >= 0]


def build_named(folder, articles=ARTICLES, to=None):
    """An archive of the articles, with the names above."""
    lines = "\n".join(json.dumps(article, ensure_ascii=False) for article in articles)
    (folder / "a.jsonl").write_text(lines, encoding="utf-8")
    build([folder / "a.jsonl"], to or folder / "archive", FakeEmbedder(), PassageSettings(), tagger=Tagger)
    return to or folder / "archive"


@pytest.fixture
def named(tmp_path):
    return build_named(tmp_path)
