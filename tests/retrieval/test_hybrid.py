import json

import pytest

import rag
from index.build import build
from index.config import PassageSettings
from index.errors import BaowenError


def test_retrieval_returns_the_contract(archive):
    passages = archive.retrieve("塔吊司机蓝采薇", k=3)
    assert len(passages) == 3
    assert passages[0].article.title == "塔吊上的“绣花姑娘”"
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)
    for passage in passages:
        assert passage.text == passage.article.body[passage.start : passage.end]


def test_traditional_characters_are_searched_as_simplified_ones(archive):
    simplified = archive.retrieve("塔吊司机蓝采薇每天要爬多高的塔吊？", k=3)
    traditional = archive.retrieve("塔吊司機藍采薇每天要爬多高的塔吊？", k=3)
    assert [hit.text for hit in traditional] == [hit.text for hit in simplified]


def test_k_may_be_larger_than_the_archive(archive):
    passages = archive.retrieve("职工", k=5000)
    assert len(passages) == archive.store.stamp.passages


def test_many_questions_at_once_are_answered_as_one_by_one(archive):
    questions = ["塔吊司机蓝采薇", "4月18日的头版有什么新闻", "灯塔守了多少年"]
    together = archive.retrieve_many(questions, k=4)
    assert together == [archive.retrieve(question, k=4) for question in questions]


def test_near_identical_passages_are_one_hit_that_lists_the_others(tmp_path, embedder, settings):
    text = "夏令营在山谷小学开营，来自十二个县的孩子们参加了合唱、剪纸、足球和星空观测四类活动，为期两周。"
    lines = [{"id": f"{n}", "date": f"2024-07-0{n}", "text": text + "编辑甲乙" * (n > 1)} for n in (1, 2, 3)]
    lines.append(
        {"id": "other", "text": "山谷小学的足球队赢得了全县冠军，教练说孩子们练了一整个冬天，雪地里也没有停过。"}
    )
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    build([tmp_path / "a.jsonl"], tmp_path / "archive", embedder, PassageSettings())
    archive = rag.Archive.open(tmp_path / "archive", settings)
    archive.embedder = embedder
    hits = archive.retrieve("山谷小学夏令营", k=5)
    assert len(hits) == 2
    assert {hits[0].article.id, *(p.article.id for p in hits[0].reprints)} == {"1", "2", "3"}
    assert len(hits[0].as_dict()["article"]["reprints"]) == 2


def test_no_article_fills_the_list_unless_the_question_is_about_it(tmp_path, embedder, settings):
    filler = "。".join(f"桂花节第{n}天，第{n * 7}街坊的{n * 31}位居民在桂花树下做桂花糕" for n in range(10, 60)) + "。"
    records = [{"id": "long", "title": "桂花满城香如海", "text": filler}]
    records += [{"id": f"s{n}", "text": f"今年桂花节由第{n}中学承办，门票{n}元。"} for n in range(3)]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(r) for r in records), encoding="utf-8")
    build([tmp_path / "a.jsonl"], tmp_path / "archive", embedder, PassageSettings())
    archive = rag.Archive.open(tmp_path / "archive", settings)
    archive.embedder = embedder
    ids = [p.article.id for p in archive.retrieve("桂花节居民做桂花糕", k=5)]
    assert ids.count("long") == 2
    ids = [p.article.id for p in archive.retrieve("桂花满城香如海说居民做什么", k=5)]
    assert ids.count("long") == 5


@pytest.mark.parametrize(
    "narrow",
    [{"page": 2}, {"section": "要闻"}, {"reporter": "蓝小禾"}, {"paper": "不存在的报"}, {"page": 1, "section": "要闻"}],
)
def test_filters_hold_for_every_hit_and_lose_none(archive, narrow):
    kept = {
        article.id
        for article in archive.articles(100)
        if narrow.get("page") in (None, *article.pages)
        and narrow.get("section") in (None, article.section)
        and narrow.get("paper") in (None, article.paper)
        and narrow.get("reporter") in (None, *article.reporters, *article.correspondents)
    }
    found = archive.search("职工", k=200, **narrow).passages
    assert {passage.article.id for passage in found} == kept


def test_dates_outside_the_archive_find_nothing(archive):
    assert archive.retrieve("职工", since="2030-01-01") == []
    assert archive.retrieve("职工", until="2025-04-17") == []
    assert archive.retrieve("职工", since="2025-04-18", until="2025-04-18")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"question": ""}, "问题是空的"),
        ({"question": " \u200b\n "}, "问题是空的"),
        ({"question": "问" * 10_000}, "10000 字，最多 1000 字"),
        ({"question": "问", "k": 0}, "k=0"),
        ({"question": "问", "k": -3}, "k=-3"),
        ({"question": "问", "since": "昨天"}, "since='昨天' 不是日期"),
        ({"question": "问", "until": "2024-02-30"}, "until='2024-02-30' 不是日期"),
    ],
)
def test_wrong_arguments_are_refused_by_name(archive, arguments, message):
    with pytest.raises(BaowenError, match=message):
        archive.retrieve(**arguments)


def test_a_folder_that_is_no_archive_is_refused(tmp_path):
    with pytest.raises(BaowenError, match=r"不是报问馆藏.*baowen build"):
        rag.retrieve("问", archive=tmp_path)


def test_an_archive_of_another_embedder_is_refused(archive_folder):
    with pytest.raises(BaowenError, match="是用 fake 建的"):
        rag.Archive.open(archive_folder)


def test_a_newly_published_state_is_seen_by_the_next_question(archive, archive_folder, embedder, tmp_path):
    assert archive.retrieve("极光", k=1)[0].article.title != "极光来了"
    (tmp_path / "new.md").write_text("# 极光来了\n\n本报讯（记者 甲乙）昨夜极光照亮极光镇。\n", encoding="utf-8")
    build([tmp_path / "new.md"], archive_folder, embedder, PassageSettings(), keep_others=True)
    assert archive.retrieve("极光", k=1)[0].article.title == "极光来了"
