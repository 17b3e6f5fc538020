import pytest

import rag
from index.errors import BaowenError
from index.store import Hit
from rag.retrieval import fuse


def test_fusion_adds_reciprocal_ranks():
    fused = fuse([[Hit(1, 0.9), Hit(2, 0.8)], [Hit(2, 7.0), Hit(3, 5.0)]], rrf_k=60)
    assert [hit.number for hit in fused] == [2, 1, 3]
    assert fused[0].score == pytest.approx(1 / 62 + 1 / 61)
    assert fused[1].score == pytest.approx(1 / 61)


def test_retrieval_returns_the_contract(archive):
    passages = archive.retrieve("塔吊司机蓝采薇", k=3)
    assert len(passages) == 3
    assert passages[0].article.title == "塔吊上的“绣花姑娘”"
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)
    for passage in passages:
        assert passage.text == passage.article.body[passage.start : passage.end]


def test_k_may_be_larger_than_the_archive(archive):
    passages = archive.retrieve("职工", k=5000)
    assert len(passages) == archive.store.stamp.passages


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
    from index.build import build
    from index.config import PassageSettings

    assert archive.retrieve("极光", k=1)[0].article.title != "极光来了"
    (tmp_path / "new.md").write_text("# 极光来了\n\n本报讯（记者 甲乙）昨夜极光照亮极光镇。\n", encoding="utf-8")
    build([tmp_path / "new.md"], archive_folder, embedder, PassageSettings(), keep_others=True)
    assert archive.retrieve("极光", k=1)[0].article.title == "极光来了"
