import sqlite3

import pytest

from index.errors import BaowenError
from rag.web.history.history import History, Turn
from rag.web.history.migrations import _MIGRATIONS, copy_history, open_history
from rag.web.history.provenance import cited_articles, since_changed
from rag.web.rendering.render import Renderer

# The file as the versions before the first migration made it.
FIRST = """
CREATE TABLE turns (
    id TEXT PRIMARY KEY, conversation TEXT NOT NULL, person TEXT NOT NULL, asked TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, liked INTEGER, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX turns_person ON turns (person, asked);
CREATE INDEX turns_conversation ON turns (conversation, asked);
CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO turns VALUES ('t1', 'c', '甲', '2025-01-01', '问一', '{"answer": "答一"}', 1, '');
INSERT INTO turns VALUES ('t2', 'c', '甲', '2025-01-02', '问二', '{"answer": "答二"}', 0, '引文不对');
INSERT INTO turns VALUES ('t3', 'd', '乙', '2025-01-03', '问三', '{"answer": "答三"}', NULL, '');
INSERT INTO secrets VALUES ('session', 'as-it-was');
"""
TURN = ("甲", "c", "问", {"answer": "答"})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.sqlite"


def test_a_history_of_the_first_version_opens_with_everything_in_place(path):
    with sqlite3.connect(path) as database:
        database.executescript(FIRST)
    database.close()
    for _ in range(2):
        history = History(path)
        assert [(t.question, t.answer["answer"]) for t in history.turns("甲", "c")] == [
            ("问一", "答一"),
            ("问二", "答二"),
        ]
        assert [(t.liked, t.reason) for t in history.rated()] == [(True, ""), (False, "引文不对")]
        assert history.conversations("乙") == [("d", "问三", "2025-01-03")]
        assert history.secret("session") == "as-it-was"
        assert history.turn("t1").snapshot == ""
        history.close()


@pytest.mark.parametrize("version", range(1, len(_MIGRATIONS) + 1))
def test_a_history_of_every_version_opens_with_everything_in_place(path, version):
    with sqlite3.connect(path) as database:
        database.executescript("".join(_MIGRATIONS[:version]) + f"PRAGMA user_version = {version};")
        names = "id, conversation, person, asked, question, answer, liked, reason"
        row = ("t", "c", "甲", "2025-01-01", "问", '{"answer": "答"}', 1, "好")
        database.execute(f"INSERT INTO turns ({names}) VALUES (?,?,?,?,?,?,?,?)", row)
        database.execute("INSERT INTO secrets VALUES ('session', 'as-it-was')")
    database.close()
    history = History(path)
    assert [(turn.answer, turn.liked, turn.reason) for turn in history.turns("甲", "c")] == [
        ({"answer": "答"}, True, "好")
    ]
    assert history.secret("session") == "as-it-was"
    usage = {"questions": 1, "people": 1, "answered": 1}
    if version < len(_MIGRATIONS):
        assert history.usage(1)[0].items() >= usage.items()
    history.count("甲", "refused", 30.0, 10.0)
    assert history.usage(1)[0].items() >= {"refused": 1, "ms": 30.0, "waited": 10.0}.items()
    history.end_session("x", 5)
    assert history.ended_sessions(since=5) == ["x"]
    assert history.ended_sessions(since=6) == []
    history.drop_ended(before=6)
    assert history.ended_sessions(since=0) == []


def test_a_history_of_a_later_version_is_refused(path):
    open_history(str(path)).execute("PRAGMA user_version = 99").connection.close()
    with pytest.raises(BaowenError, match="later version"):
        History(path)


def test_archives_do_not_see_each_others_answers(path):
    inner, outer = History(path, "内部"), History(path).of("公开")
    turn = inner.add(*TURN, snapshot="000007")
    assert inner.turn(turn.id).snapshot == "000007"
    assert (outer.turn(turn.id), outer.turns("甲", "c"), outer.conversations("甲")) == (None, [], [])
    assert outer.person_of(turn.id) == "甲"
    assert outer.forget("甲") == 1


def test_names_and_deleted_conversations_are_ones_own(path):
    history = History(path)
    history.add(*TURN)
    history.rename("甲", "c", "塔吊")
    history.forget_conversation("乙", "c")
    assert [talk.title for talk in history.conversations("甲")] == ["塔吊"]
    history.forget_conversation("甲", "c")
    assert history.conversations("甲") == []
    history.add(*TURN)
    assert [talk.title for talk in history.conversations("甲")] == ["问"]


def test_a_locked_history_holds_answers_until_it_can_be_written(path):
    history = History(path)
    history._database.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    history.add(*TURN)
    assert "locked" in history.problem
    assert [turn.question for turn in history.turns("甲", "c")] == ["问"]
    other.execute("ROLLBACK")
    history.add("甲", "c", "再问", {"answer": "再答"})
    assert history.problem == ""
    assert [turn.question for turn in History(path).turns("甲", "c")] == ["问", "再问"]


def test_a_damaged_history_is_left_as_it_is_and_said(path):
    path.write_bytes(b"not a database" * 100)
    history = History(path)
    assert "已损坏" in history.problem
    history.add(*TURN)
    assert [turn.question for turn in history.turns("甲", "c")] == ["问"]
    assert path.read_bytes() == b"not a database" * 100


def test_a_copy_has_the_conversations_and_no_secrets(path, tmp_path):
    history = History(path)
    turn, secret = history.add(*TURN), history.secret("session")
    copy_history(path, tmp_path / "copy.sqlite")
    assert secret.encode() not in (tmp_path / "copy.sqlite").read_bytes()
    assert History(tmp_path / "copy.sqlite").turn(turn.id) == turn
    with pytest.raises(BaowenError, match="no history"):
        copy_history(tmp_path / "none", tmp_path / "x")


def test_a_correction_anywhere_in_a_cited_article_is_said(archive):
    held = archive.store.catalogue.article("issues/2025-04-18/03.md#2")

    def citation(number, **then):
        article = held.as_dict() | then
        return {"number": number, "quote": held.body[:5], "start": 0, "end": 5, "passage": {"article": article}}

    citations = [citation(1), citation(2, body=held.body[:-3] + "更正。"), citation(3, title="当时的题")]
    assert since_changed({"citations": citations}, archive.store.catalogue) == {2: "changed", 3: "changed"}


def test_an_answer_stays_as_it_was_given_and_says_what_changed_since(archive):
    article = archive.store.catalogue.article("issues/2025-04-18/03.md#2")
    body = article.body
    citations = [
        {
            "number": number,
            "quote": quote,
            "start": start,
            "end": end,
            "passage": {
                "article": {
                    "id": identity,
                    "title": article.title if number < 3 else "题",
                    "paper": "",
                    "date": None,
                    "pages": [],
                    "section": "",
                }
            },
        }
        for number, identity, start, end, quote in (
            (1, "issues/2025-04-18/03.md#2", 0, 5, body[:5]),
            (2, "issues/2025-04-18/03.md#2", 0, 5, "当时的话"),
            (3, "没有了#1", 0, 3, "删去的"),
        )
    ]
    answer = {
        "answer": "答",
        "kind": "answered",
        "refused": False,
        "question": "",
        "sentences": [],
        "citations": citations,
    }
    changed = since_changed(answer, archive.store.catalogue)
    assert changed == {2: "changed", 3: "gone"}
    turn = Turn("t", "c", "甲", "2025-04-18T01:02:03", "问", answer, snapshot="000007")
    page = Renderer("zh").shared(turn, changed)
    assert "依据馆藏快照 000007" in page
    assert "当时的话" in page
    assert page.count("这里是当时的原文") == 2
    held, gone = cited_articles(answer | {"citations": citations[1:]}, archive.store.catalogue)
    assert (held.body, gone.title, gone.body) == (body, "题", "")
