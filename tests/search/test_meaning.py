"""Searches by meaning: the query's fields hold before the nearest are taken."""

import json

import pytest

from index.build import build
from index.config import PassageSettings
from index.search.expression import conditions
from index.search.parser import parse
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder
from rag.search.hits import find_by
from rag.search.meaning import by_meaning
from tests.conftest import FakeEmbedder

_COUNT = 700  # more articles than a search by meaning looks at
_RARE = "600"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Many articles with all the words of a query, and one with none of them, printed differently."""
    folder = tmp_path_factory.mktemp("meaning")
    lines = [
        {
            "id": str(number),
            "title": f"高温津贴第{number}次发放",
            "text": f"高温津贴第{number}次发到职工手里。",
            "date": "2024-07-01",
            "paper": "江州日报",
            "page": 1,
            "section": "要闻",
            "reporters": ["王芳"],
        }
        for number in range(_COUNT)
    ]
    lines[int(_RARE)] |= {
        "title": "渡口开了夜船",
        "text": "船工说，江上的灯亮了。",
        "date": "2023-01-05",
        "paper": "云桥晚报",
        "page": 4,
        "section": "副刊",
        "reporters": ["李敏"],
    }
    (folder / "a.jsonl").write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    build([folder / "a.jsonl"], folder / "archive", FakeEmbedder(), PassageSettings())
    return folder / "archive"


@pytest.fixture
def search(folder, settings):
    store = LocalStore(ArchiveFolder(folder).require_current())
    meaning = by_meaning(FakeEmbedder(), settings.retrieval)

    def found(query, mode="meaning", visible=None):
        return [hit.article.id for hit in find_by(mode, meaning, store, query, visible=visible)]

    return found


@pytest.mark.parametrize(
    "fields",
    [
        "作者:李敏",
        "报名:云桥*",
        "版名:副刊",
        "版:2..9",
        "日期:..2023",
        "日期:2023-01 日期:..2030",
        "题名:渡口",
        "正文:江上 作者:李敏",
        "NOT 作者:王芳",
        "NOT 第",
        "(作者:李敏 OR 版:4)",
    ],
)
def test_the_nearest_are_taken_of_the_articles_that_fit_the_fields(search, fields):
    assert search(f"高温津贴 {fields}") == search(f"高温津贴 {fields}", "both") == [_RARE]


def test_fields_of_each_alternative_hold(search):
    assert search("(高温津贴 版:4) OR (职工 作者:李敏)") == [_RARE]
    assert len(search("(高温津贴 版:4) OR 职工")) > 1


def test_the_nearest_are_taken_of_what_the_reader_may_see(search):
    assert search("高温津贴", visible=parse("作者:李敏")) == [_RARE]
    assert search("高温津贴 作者:王芳", visible=parse("作者:李敏")) == []


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("工会", None),
        ("工会 版:2", "版:2"),
        ("工会 版:2 作者:王芳", "版:2 作者:王芳"),
        ("工会 OR 版:2", None),
        ("(工会 版:2) OR (职工 版:3)", "版:2 OR 版:3"),
        ("题名:工会 职工", "题名:工会"),
        ("NOT (工会 版:2)", "NOT (工会 版:2)"),
        ("(工会 OR 职工) 版:2", "版:2"),
    ],
)
def test_conditions_are_what_is_left_without_words(query, left):
    assert conditions(parse(query)) == (left and parse(left))
