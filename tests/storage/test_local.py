import numpy as np
import pytest

from index.build import build
from index.config import PassageSettings
from index.errors import BaowenError
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder
from index.storage.store import Filter
from index.text.words import question_words, words


@pytest.fixture
def store(archive_folder):
    return LocalStore(ArchiveFolder(archive_folder).require_current())


def all_passages(store):
    numbers = [n for (n,) in store.database.execute("SELECT number FROM passages ORDER BY number")]
    return store.passages(numbers)


def test_every_passage_is_cut_from_its_article(store):
    for passage in all_passages(store):
        assert passage.text == passage.article.body[passage.span.start : passage.span.end]
        assert passage.text


def test_the_headline_is_embedded_but_not_in_the_passage(store):
    passage = next(p for p in all_passages(store) if p.article.title == "塔吊上的“绣花姑娘”")
    assert passage.embedded.startswith("塔吊上的“绣花姑娘”\n")
    assert "绣花姑娘" not in passage.text


def test_dense_search_agrees_with_an_exhaustive_one(store, embedder):
    vector = embedder.encode(["塔吊司机"], query=True)[0]
    passages = all_passages(store)
    scores = embedder.encode([p.embedded for p in passages]) @ vector
    expected = sorted(scores, reverse=True)[:7]
    assert np.allclose([hit.score for hit in store.dense(vector[None], 7, Filter())[0]], expected, atol=1e-3)


def test_lexical_search_finds_the_rare_word(store):
    best = store.lexical(words("灯塔"), 1, Filter())[0]
    assert "灯塔" in store.passages([best.number])[0].text


@pytest.mark.parametrize("question", ['"', "a OR b", "NEAR(x y)", "'; DROP TABLE words; --", "*", "-塔吊", "塔吊^2"])
def test_nothing_in_a_question_is_an_operator(store, question):
    store.lexical(question_words(question), 5, Filter())
    assert store.stamp.articles == 26


def test_filters_are_applied_inside_the_search(tmp_path, embedder):
    lines = [
        f'{{"id": "{day}", "date": "2024-07-{day:02d}", "title": "合唱", "text": "合唱比赛第{day}天。"}}'
        for day in range(1, 31)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    build([tmp_path / "a.jsonl"], tmp_path / "archive", embedder, PassageSettings())
    store = LocalStore(ArchiveFolder(tmp_path / "archive").require_current())
    where = Filter(since="2024-07-10", until="2024-07-12")
    vector = embedder.encode(["合唱"], query=True)[0]
    for hits in (store.dense(vector[None], 5, where)[0], store.lexical(["合唱"], 5, where)):
        dates = {passage.article.date for passage in store.passages([hit.number for hit in hits])}
        assert dates == {"2024-07-10", "2024-07-11", "2024-07-12"}
    among = store.search.numbers_of(["11", "12", "20"])
    for ours in (
        store.dense(vector[None], 5, Filter(), among)[0],
        store.lexical(["合唱"], 5, Filter(), among),
    ):
        assert {passage.article.id for passage in store.passages([hit.number for hit in ours])} == {"11", "12", "20"}
    assert {hit.number for hit in store.dense(vector[None], 5, where, among)[0]} == {
        hit.number for hit in store.lexical(["合唱"], 5, where, among)
    }
    assert len(store.lexical(["合唱"], 5, where, among)) == 2
    assert store.dense(vector[None], 5, Filter(), [])[0] == store.lexical(["合唱"], 5, Filter(), []) == []


def test_a_truncated_archive_says_what_to_run(archive_folder):
    vectors = ArchiveFolder(archive_folder).require_current() / "vectors.f16"
    vectors.write_bytes(vectors.read_bytes()[:-100])
    with pytest.raises(BaowenError, match="baowen rollback"):
        LocalStore(vectors.parent)
