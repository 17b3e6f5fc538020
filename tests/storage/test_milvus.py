"""The archive in Milvus, on milvus-lite's own gRPC server; nothing here was run on Milvus standalone."""

import datetime
import importlib.util
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.milvus import MARK, marked
from index.build import build
from index.config import MilvusSettings, PassageSettings, Settings
from index.errors import BaowenError
from index.storage.local import LocalStore
from index.storage.milvus import milvus_address
from index.storage.milvus.copying import _named, copy_to_milvus
from index.storage.milvus.states import State, describe, prefixes, rollback
from index.storage.milvus.store import CurrentMilvus, MilvusStore
from index.storage.milvus.verifying import verify
from index.storage.opening import copy_archive
from index.storage.snapshots import ArchiveFolder
from index.storage.store import Filter
from index.text.words import question_words
from rag import Archive
from rag.doctor import examine
from tests.conftest import ISSUES, FakeEmbedder, FakeGenerator, FakePairModel

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("milvus_lite") is None, reason="milvus-lite is not installed (extra milvus)"
)
SERVER = """
import sys
from milvus_lite.adapter.grpc.server import start_server_in_thread
server, database, port = start_server_in_thread(sys.argv[1])
print(port, flush=True)
server.wait_for_termination()
"""
OPTIONS = MilvusSettings(timeout=10)
QUESTIONS = ["塔吊司机叫什么名字？", "灯塔守了多少年", "夜校", "江州日报头版", "没有的事情"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Its own process, as several servers would ask it."""
    folder = tmp_path_factory.mktemp("milvus")
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        yield f"127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def copied(server, sample):
    place = f"milvus://{server}/news"
    copy_archive(str(sample), place, OPTIONS)
    return place


@pytest.fixture
def local(sample):
    return LocalStore(ArchiveFolder(sample).require_current())


@pytest.fixture
def store(copied):
    return CurrentMilvus(milvus_address(copied, OPTIONS), OPTIONS)()


def texts(store, hits):
    return [passage.embedded for passage in store.passages([hit.number for hit in hits])]


FILTERS = [Filter(), Filter(page=1), Filter(since="2025-01-01", until="2025-04-18"), Filter(reporter="没有这个人")]


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_both_legs_find_what_the_local_ones_find(local, store, question, where):
    vector = FakeEmbedder().encode([question], query=True)
    for ours, theirs in (
        (local.dense(vector, 5, where)[0], store.dense(vector, 5, where)[0]),
        (local.lexical(question_words(question), 5, where), store.lexical(question_words(question), 5, where)),
    ):
        assert len(ours) == len(theirs)
        scores = [hit.score for hit in ours]
        assert [hit.score for hit in theirs] == pytest.approx(scores, rel=0.05, abs=2e-3)
        best, found = texts(local, ours), texts(store, theirs)
        assert len(set(best) & set(found)) >= len(best) - 1  # those of one score may be another choice


@pytest.mark.parametrize("where", FILTERS[:2])
def test_a_search_stays_among_the_given_articles(store, where):
    vector, words = FakeEmbedder().encode([QUESTIONS[0]], query=True), question_words(QUESTIONS[0])
    among = [1, 3, 4]
    numbers = [hit.number for hit in store.dense(vector, 50, where, among)[0]]
    kept = {article.id for article in store._held.numbered(among).values()} & {
        article.id for article in store.articles(100, where=where)
    }
    assert {passage.article.id for passage in store.passages(numbers)} == kept
    assert {hit.number for hit in store.lexical(words, 50, where, among)} <= set(numbers)
    assert store.dense(vector, 5, where, [])[0] == store.lexical(words, 5, where, []) == []


def test_words_are_as_common_as_in_the_local_archive(local, store):
    words = [*question_words("塔吊司机在江州的灯塔夜校"), "没有这个词"]
    assert store.documents_with(words) == local.documents_with(words)


def test_passages_cosines_and_texts_are_those_of_the_article(store):
    passages = store.passages([3, 1, 2])
    assert [passage.number for passage in passages] == [3, 1, 2]
    vectors = FakeEmbedder().encode([passage.embedded for passage in passages])
    assert np.allclose([store.cosines(v, [p.number])[0] for v, p in zip(vectors, passages, strict=True)], 1, atol=2e-3)
    assert {text.text for text in store.texts([1, 2, 3])} == {passage.text for passage in passages}


def test_the_catalogue_is_that_of_the_local_archive(local, store):
    ours, theirs = local.catalogue, store.catalogue
    assert theirs.issues() == ours.issues()
    assert theirs.undated() == ours.undated()
    assert theirs.issue("2025-04-18") == ours.issue("2025-04-18")
    assert [theirs.values(kind) for kind in ("paper", "page", "section")] == [
        ours.values(kind) for kind in ("paper", "page", "section")
    ]
    assert theirs.months() == ours.months()
    assert theirs.months("塔吊") == ours.months("塔吊") != []
    assert theirs.months("%") == ours.months("%")
    assert list(theirs.bodies(3)) == list(ours.bodies(3))
    article = ours.issue("2025-04-18")[0]
    assert theirs.article(article.id) == article
    assert theirs.article('没有"这个') is None
    assert store.dates() == local.dates()
    assert store.articles(4, 2) == local.articles(4, 2)
    assert store.articles(50, 1, Filter(page=3)) == local.articles(50, 1, Filter(page=3)) != []
    where = Filter(since="2025-04-18", until="2025-04-18")
    assert store.nearest(where) == local.nearest(where)


def test_questions_are_answered_as_from_the_local_archive(copied, sample):
    answers = []
    for place in (sample, copied):
        opened = Archive.open(place, Settings(embedder={"model": "fake"}))
        opened.embedder, opened._pair = FakeEmbedder(), FakePairModel()
        opened._generator = FakeGenerator("塔吊司机叫蓝采薇。[1]")
        answers.append(opened.ask("塔吊司机叫什么名字？"))
    ours, theirs = answers
    assert (theirs.text, theirs.kind) == (ours.text, ours.kind)
    assert [c.passage.article.id for c in theirs.citations] == [c.passage.article.id for c in ours.citations] != []
    with pytest.raises(BaowenError, match="no exact search in Milvus"):
        opened.search_all("塔吊")


def test_a_copy_is_published_in_one_step_while_eight_readers_ask(server, sample):
    place = f"milvus://{server}/busy"
    copy_archive(str(sample), place, OPTIONS)
    address = milvus_address(place, OPTIONS)
    current = CurrentMilvus(address, OPTIONS)
    vector, failed, seen, stop = FakeEmbedder().encode(["塔吊"], query=True), [], set(), threading.Event()

    def ask():
        while not stop.is_set():
            try:
                store = current()
                found = store.passages([hit.number for hit in store.dense(vector, 5, Filter())[0]])
                seen.add((store.snapshot, *{passage.article.body.endswith(MARK) for passage in found}))
                assert len(found) == 5
            except BaseException as error:
                failed.append(error)
            time.sleep(0.02)

    readers = [threading.Thread(target=ask) for _ in range(8)]
    for reader in readers:
        reader.start()
    copy_to_milvus(marked(current().source()), address, OPTIONS)
    stop.wait(0.3)
    stop.set()
    for reader in readers:
        reader.join()
    assert failed == []
    first, second = describe(address, OPTIONS)
    assert seen == {(first["snapshot"], False), (second["snapshot"], True)}
    assert (first["current"], second["current"], first["articles"]) == (False, True, second["articles"])
    assert rollback(address, OPTIONS) == first["snapshot"] == current().snapshot
    with pytest.raises(BaowenError, match="no earlier snapshot"):
        rollback(address, OPTIONS)


def test_a_copy_that_was_killed_disturbs_nobody_and_is_removed_later(server, sample, monkeypatch):
    place = f"milvus://{server}/killed"
    address = milvus_address(place, OPTIONS)
    copy_archive(str(sample), place, OPTIONS)
    before = CurrentMilvus(address, OPTIONS)().snapshot
    with monkeypatch.context() as patch:
        patch.setattr("index.storage.milvus.copying._Writer._flush", lambda self: None)
        patch.setattr("index.storage.milvus.copying._discard", lambda client, prefix: None)
        with pytest.raises(BaowenError, match="rows are missing"):
            copy_archive(str(sample), place, OPTIONS)
    client = address.client(OPTIONS)
    (left,) = [state.prefix for state in prefixes(client, "killed") if not state.complete]
    assert CurrentMilvus(address, OPTIONS)().snapshot == before
    assert [held["snapshot"] for held in describe(address, OPTIONS)] == [before]
    with pytest.raises(BaowenError, match="not complete"):
        MilvusStore(client, address, left)
    monkeypatch.setattr("index.storage.milvus.copying._DEAD_AFTER", datetime.timedelta(0))
    copy_archive(str(sample), place, OPTIONS)
    assert left not in [state.prefix for state in prefixes(client, "killed")]


def test_a_new_state_is_later_than_all_others_whatever_clocks_say():
    ahead = State("news_20310101000000_ffffff", datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC), complete=True)
    now = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    assert _named([], "news", now).startswith("news_20300101000000_")
    assert _named([ahead], "news", now).startswith("news_20310101000001_")


def test_an_archive_of_another_embedder_is_refused(copied):
    other = Settings(embedder={"model": "other"}, archive=copied)
    with pytest.raises(BaowenError, match=f"another embedder.*--archive 新馆藏，再 baowen copy 新馆藏 {copied}$"):
        Archive.open(copied, other)
    findings = {finding.what: finding for finding in examine(other, "127.0.0.1", 0)}
    assert (
        findings["馆藏 archive"].found == f"馆藏 {copied} 是用 fake 建的，现在配置的向量模型是 other (another embedder)"
    )
    assert "磁盘 disk：馆藏 archive" not in findings


def test_a_copy_that_fails_publishes_nothing_and_leaves_nothing(server, sample, monkeypatch):
    place = f"milvus://{server}/broken"
    address = milvus_address(place, OPTIONS)
    monkeypatch.setattr("index.storage.milvus.copying._ROWS", 3)
    monkeypatch.setattr("index.storage.milvus.copying._Writer._flush", lambda self: None)  # rows are left unsent
    with pytest.raises(BaowenError, match="rows are missing"):
        copy_archive(str(sample), place, OPTIONS)
    with pytest.raises(BaowenError, match="no archive there"):
        CurrentMilvus(address, OPTIONS)()
    assert not [name for name in address.client(OPTIONS).list_collections() if name.startswith("broken")]


def test_a_file_of_milvus_lite_is_an_archive_too_and_verifying_notices_what_is_missing(sample, local, tmp_path):
    place = f"milvus:{tmp_path}/lite.db/news"
    copy_archive(str(sample), place, OPTIONS)
    address = milvus_address(place, OPTIONS)
    report = verify(address, OPTIONS, FakeEmbedder())
    assert (report["articles"], report["passages"]) == (local.stamp.articles, local.stamp.passages)
    with pytest.raises(BaowenError, match="another embedder"):
        verify(address, OPTIONS, FakeEmbedder("other"))
    address.client(OPTIONS).delete(f"{CurrentMilvus(address, OPTIONS)().snapshot}_passages", ids=[2])
    with pytest.raises(BaowenError, match="rows are missing"):
        verify(address, OPTIONS, FakeEmbedder())


@pytest.mark.parametrize(
    ("place", "uri", "name"),
    [
        ("milvus://db.example:19531/news", "http://db.example:19531", "news"),
        ("milvus:/db.example:19531/news", "http://db.example:19531", "news"),  # as a path has it
        ("milvus://db.example/news", "http://db.example:19530", "news"),
        ("milvus:data/lite.db/news", "data/lite.db", "news"),
        ("milvus:/var/lite.db/news", "/var/lite.db", "news"),
    ],
)
def test_addresses(place, uri, name):
    address = milvus_address(place, OPTIONS)
    assert (address.uri, address.name) == (uri, name)
    assert milvus_address("data/archive", OPTIONS) is None


@pytest.mark.parametrize("place", ["milvus://db.example:19530", "milvus://db.example/报纸", "milvus:"])
def test_what_is_no_address_is_said(place):
    with pytest.raises(BaowenError, match="not an address"):
        milvus_address(place, OPTIONS)


def test_between_folders_nothing_is_copied(sample, tmp_path):
    with pytest.raises(BaowenError, match="copies go into Milvus or come from there"):
        copy_archive(str(sample), str(tmp_path), OPTIONS)


def test_building_is_for_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BaowenError, match="baowen copy"):
        build([ISSUES], Path("milvus://127.0.0.1:1/news"), FakeEmbedder(), PassageSettings())
    assert list(tmp_path.iterdir()) == []


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BaowenError, match=r"需要 pymilvus.*pip install -e '\.\[milvus\]'$"):
        milvus_address("milvus://elsewhere:1/news", OPTIONS).client(OPTIONS)
