"""Copies from Milvus into a folder, and what is asked of a copy before it is published."""

import pytest

from benchmarks.milvus import milvus_server
from index import copying
from index.build import build
from index.config import PassageSettings, Settings
from index.copying import copy_archive
from index.errors import BaowenError
from index.storage.local import LocalStore
from index.storage.milvus.states import describe
from index.storage.opening import current_store
from index.storage.snapshots import ArchiveFolder
from index.storage.store import Filter
from tests.conftest import ISSUES, FakeEmbedder

pytest.importorskip("milvus_lite", reason="milvus-lite is not installed (extra milvus)")

SETTINGS = Settings(embedder={"model": "fake"}, milvus={"timeout": 10}, search={"names": False})


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with milvus_server(tmp_path_factory.mktemp("milvus")) as (address, _):
        yield str(address)


@pytest.fixture
def nothing(monkeypatch):
    """What the copy embeds."""
    embedder = FakeEmbedder()
    monkeypatch.setattr(copying, "LazyEmbedder", lambda settings: embedder)
    return embedder


def held(archive):
    """All articles with their places, and each passage with its vector."""
    store = LocalStore(ArchiveFolder(archive).require_current())
    articles = sorted(store.articles(1000), key=lambda article: article.id)
    regions = {article.id: store.catalogue.regions(article.id) for article in articles}
    passages = store.passages(sorted(store.vectors.table["number"].tolist()))
    vectors = {passage.embedded: store.vectors.row(passage.number).tolist() for passage in passages}
    return articles, regions, vectors, store.dates()


def test_a_copy_there_and_back_is_the_same_archive_and_can_be_built_on(sample, place, nothing, tmp_path):
    copy_archive(str(sample), place, SETTINGS)
    back = tmp_path / "back"
    stamp = copy_archive(place, str(back), SETTINGS)
    assert held(back) == held(sample)
    assert (stamp.articles, stamp.embedder) == (len(held(sample)[0]), "fake")
    assert LocalStore(ArchiveFolder(back).require_current()).lexical(["塔吊"], 3, Filter())
    assert nothing.embedded == []

    report = build([ISSUES], back, nothing, PassageSettings())
    assert held(back) == held(sample)
    assert (report.articles, report.added + report.changed) == (stamp.articles, 4)
    assert nothing.embedded == []
    with pytest.raises(BaowenError, match="there is an archive already"):
        copy_archive(place, str(back), SETTINGS)


def test_a_copy_that_does_not_pass_is_not_published(sample, place):
    def gate(store):
        assert len(store.dense(FakeEmbedder().encode(["塔吊"], query=True), 5, Filter())[0]) == 5
        raise BaowenError("not published")

    copy_archive(str(sample), place, SETTINGS)
    before = current_store(place, SETTINGS.milvus)().snapshot
    with pytest.raises(BaowenError, match="not published"):
        copy_archive(str(sample), place, SETTINGS, gate)
    assert current_store(place, SETTINGS.milvus)().snapshot == before
    address = copying.milvus_address(place, SETTINGS.milvus)
    assert before == describe(address, SETTINGS.milvus)[-1]["snapshot"]
