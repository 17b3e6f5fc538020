"""Several servers on one database: SQLite through SQLAlchemy, and Debian's PostgreSQL where it is installed."""

import sys
import threading
import time

import pytest

from index.config import Settings
from index.errors import BaowenError
from index.overlay.names import merge, read_names
from rag.alerts.collections import Collections
from rag.alerts.outbox import NotSentError, deliver, gather
from rag.alerts.shared import SharedKept, open_kept
from rag.serving.database import Database
from rag.serving.database.corrections import SharedOverlay, open_overlay, require_overlay
from rag.serving.database.tables import metadata
from rag.serving.shared_queue import SharedQueue
from rag.web.access.sessions import Sessions
from rag.web.access.shared_people import SharedPasswords, set_shared_password
from rag.web.history.shared_history import SharedHistory
from rag.web.sites.state import open_conversations, open_people, open_queue
from tests.alerts.conftest import Press
from tests.databases import postgresql

ANSWER = {"answer": "答", "kind": "answered", "timings": {"total_ms": 1200}, "citations": []}


@pytest.fixture(scope="module")
def postgres():
    with postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shared.sqlite"
    server = request.getfixturevalue("postgres")
    database = Database(server.url)
    with database.writing() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(metadata.tables)}")
    database.close()
    return server.url


def test_two_servers_have_one_history(url):
    here, there = SharedHistory(Database(url)), SharedHistory(Database(url))
    first = here.add("甲", "c", "问一", ANSWER, snapshot="000007")
    there.add("甲", "c", "问二\0", ANSWER | {"kind": "refused"})
    there.add("甲", "d", "另一场", ANSWER)
    assert [(t.question, t.snapshot) for t in here.turns("甲", "c")] == [("问一", "000007"), ("问二", "")]
    assert there.turn(first.id) == first
    assert [(c.id, c.title) for c in here.conversations("甲")] == [("d", "另一场"), ("c", "问一")]
    assert here.conversations("甲")[0].asked == here.turns("甲", "d")[0].asked
    there.rename("甲", "c", "一百%")
    assert [c.title for c in here.conversations("甲")] == ["另一场", "一百%"]
    found = {words: [c.id for c in here.conversations("甲", containing=words)] for words in ("问二", "答", "百%", "_")}
    assert found == {"问二": ["c"], "答": ["d", "c"], "百%": ["c"], "_": []}
    here.rename("甲", "c", "")
    assert there.conversations("甲")[1].title == "问一"
    there.rate("甲", first.id, True, "好")
    there.rate("乙", first.id, False)
    assert [(t.id, t.liked, t.reason) for t in here.rated()] == [(first.id, True, "好")]
    assert here.secret("session") == there.secret("session")
    for history, outcome, times in (
        (here, "answered", (1000.0, 200.0)),
        (there, "refused", (1401.0, 0.0)),
        (there, "failed", ()),
    ):
        history.count("甲", outcome, *times)
    assert here.usage(7) == [
        {"archive": "", "day": first.asked[:10], "questions": 3, "people": 1, "ms": 1200.0, "waited": 100.0}
        | {"answered": 1, "quoted": 0, "refused": 1, "failed": 1, "stopped": 0}
    ]
    here.forget_from("甲", here.turns("甲", "c")[1])
    assert [t.question for t in there.turns("甲", "c")] == ["问一"]
    assert there.person_of(first.id) == "甲"
    there.forget_conversation("甲", "d")
    assert [c.id for c in here.conversations("甲")] == ["c"]
    assert there.forget("甲") == 1
    assert (here.conversations("甲"), here.usage(7)) == ([], [])


def test_archives_do_not_see_each_others_answers(url):
    inner = SharedHistory(Database(url), "内部")
    turn = inner.add("甲", "c", "问", ANSWER)
    assert (inner.of("公开").turn(turn.id), inner.of("公开").conversations("甲")) == (None, [])


def test_servers_that_start_together_make_the_tables_once(url):
    failed = []

    def start():
        try:
            SharedHistory(Database(url)).secret("session")
        except BaowenError as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_database_of_a_later_version_is_refused(url):
    database = Database(url)
    with database.writing() as connection:
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(BaowenError, match="written by a later version"):
            Database(url)
    finally:
        with database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")


def test_the_tables_are_those_that_the_migrations_make(url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with Database(url).writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_of_the_first_version_opens_with_everything_in_place(url):
    database = Database(url)
    turn, secret = SharedHistory(database).add("甲", "c", "问", ANSWER), SharedHistory(database).secret("session")
    SharedHistory(database).rename("甲", "c", "塔吊")
    first = ("turns", "names", "secrets", "people", "waiting")
    with database.writing() as connection:
        for table in set(metadata.tables) - set(first):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    history = SharedHistory(Database(url))
    assert (history.turn(turn.id), history.secret("session")) == (turn, secret)
    assert [c.title for c in history.conversations("甲")] == ["塔吊"]
    history.end_session("x", 5)
    assert SharedKept(Database(url)).searches() == []


def test_a_login_that_one_server_ends_is_ended_on_the_others(url):
    here, there = (Sessions(SharedHistory(Database(url))) for _ in range(2))
    cookie = {}
    here.begin(cookie, "甲", mark="m")
    copied = dict(cookie)
    assert here.is_open(copied)
    assert there.is_open(copied)
    here.end(cookie)
    there._everywhere.expire()
    assert not here.is_open(copied)
    assert not there.is_open(copied)
    assert not Sessions(SharedHistory(Database(url))).is_open(copied)


def test_ended_logins_are_dropped_once_no_cookie_lives_so_long(url):
    history = SharedHistory(Database(url))
    for login, at in (("early", 5), ("late", 50), ("late", 51)):
        history.end_session(login, at)
    assert history.ended_sessions(since=6) == ["late"]
    history.drop_ended(before=6)
    assert history.ended_sessions(since=0) == ["late"]


def test_a_logout_while_postgresql_is_down_is_written_after(postgres):
    here, cookie = Sessions(SharedHistory(Database(postgres.url))), {}
    here.begin(cookie, "甲", mark="m")
    copied = dict(cookie)
    postgres.stop()
    try:
        here.end(cookie)
        assert not here.is_open(copied)
    finally:
        postgres.start()
    here._everywhere.expire()
    assert not here.is_open(copied)
    assert not Sessions(SharedHistory(Database(postgres.url))).is_open(copied)


def test_what_people_keep_is_kept_for_all_servers(url):
    here, there = SharedKept(Database(url)), SharedKept(Database(url))
    first = here.save("甲", Press().search_all("塔吊\0"), "塔吊 :名字 ?", email="a@b.example")
    there.save("甲", Press().search_all("夜校"), archive="内部")
    there.save("乙", Press().search_all("夜校"))
    assert [s.query for s in there.searches("甲")] == ["塔吊", "夜校"]
    assert [s.person for s in there.searches(archive="")] == ["甲", "乙"]
    assert here.searches("甲", "")[0].name == "塔吊 :名字 ?"
    secret = here.open_feed("甲", first.id)
    assert there.of_feed(secret).id == first.id
    there.close_feed("甲", first.id)
    assert here.of_feed(secret) is None
    with pytest.raises(BaowenError, match="nothing kept under it"):
        there.drop("乙", first.id)
    mine = Collections(here, "甲")
    made = mine.make("旧闻")
    mine.put(made.id, "a#1", "一")
    mine.put(made.id, "a#1", "二")
    assert [(r.article, r.note) for r in Collections(there, "甲").all()[0].reports] == [("a#1", "二")]
    assert there.forget("甲") == 3
    assert (here.searches("甲"), mine.all()) == ([], [])
    assert [s.query for s in here.searches()] == ["夜校"]


def test_new_hits_are_told_once_by_all_servers_together(url):
    here, there = SharedKept(Database(url)), SharedKept(Database(url))
    here.save("甲", Press().publish("1", "a").search_all("夜校"), email="a@b.example")
    assert [gather(kept, Press().publish("1", "a"), lambda search: True) for kept in (here, there)] == [0, 0]
    made, started = [], threading.Barrier(2)

    def look(kept):
        started.wait()
        made.append(gather(kept, Press().publish("2", "a", "b"), lambda search: True))

    threads = [threading.Thread(target=look, args=(kept,)) for kept in (here, there)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 1]
    sent = []

    def send(message):
        sent.append(message.articles)
        if len(sent) == 1:
            assert deliver(there, sent.append) == (0, 0)  # while another sends it
            raise NotSentError("later")

    assert deliver(here, send) == (0, 1)
    assert deliver(there, send, at=lambda: time.time() + 30) == (0, 0)
    assert deliver(there, send, at=lambda: time.time() + 90) == (1, 0)
    assert sent == [("b",), ("b",)]


def test_a_message_of_a_server_that_died_is_sent_by_another(url):
    here, there, sent = SharedKept(Database(url)), SharedKept(Database(url)), []
    here.save("甲", Press().publish("1", "a").search_all("夜校"), email="a@b.example")
    gather(here, Press().publish("2", "a", "b"), lambda search: True)

    def die(message):
        raise SystemExit

    with pytest.raises(SystemExit):
        deliver(here, die)
    assert deliver(there, sent.append) == (0, 0)
    assert deliver(there, sent.append, at=lambda: time.time() + 601) == (1, 0)
    assert [message.articles for message in sent] == [("b",)]


def test_corrections_of_one_server_are_seen_on_the_others(url):
    here, there, other = (
        SharedOverlay(lambda: Database(url), archive) for archive in ("milvus://a/x", "milvus://a/x", "b")
    )
    assert there.edits() == []
    [edit] = merge(here, "甲", "person", ["小王"], "王朝闻")
    there._seen.expire()
    assert read_names(there).group("person", "王朝闻") == ("王朝闻", "小王")
    assert other.edits() == []
    with pytest.raises(BaowenError, match="no such correction"):
        other.undo(edit.number, "乙")
    there.undo(edit.number, "乙")
    with pytest.raises(BaowenError, match="already taken back"):
        here._insert("", "甲", "undo", {}, edit.number)
    here._seen.expire()
    assert not read_names(here)


def test_corrections_stay_in_force_while_postgresql_is_down(postgres):
    overlay = SharedOverlay(lambda: Database(postgres.url), "down")
    merge(overlay, "甲", "person", ["小王"], "王朝闻")
    held = overlay.edits()
    postgres.stop()
    try:
        overlay._seen.expire()
        assert overlay.edits() == held
    finally:
        postgres.start()


def test_corrections_are_an_archive_s_by_its_name_else_by_its_place(tmp_path):
    archives = {"内部": {"path": tmp_path / "a"}}
    shared = Settings(database=f"sqlite:///{tmp_path}/s", archives=archives)
    merge(open_overlay(tmp_path / "a", shared), "甲", "person", ["小王"], "王朝闻")
    moved = Settings(database=f"sqlite:///{tmp_path}/s", archives={"内部": {"path": tmp_path / "b"}})
    assert len(open_overlay(tmp_path / "b", moved).edits()) == 1
    assert open_overlay(tmp_path / "a", moved).edits() == []
    merge(open_overlay("milvus://127.0.0.1:1/papers", shared), "甲", "person", ["小王"], "王朝闻")
    assert not list(tmp_path.glob("*/overlay.sqlite"))
    assert open_overlay("milvus://127.0.0.1:1/papers", Settings()) is None
    with pytest.raises(BaowenError, match="corrections need a database"):
        require_overlay("milvus://127.0.0.1:1/papers", Settings())


def test_answers_are_held_while_postgresql_is_down_and_written_after(postgres):
    history = SharedHistory(Database(postgres.url))
    queue = SharedQueue(Database(postgres.url), "m", "a")
    postgres.stop()
    try:
        turn = history.add("丁", "c", "停机时问", ANSWER)
        assert "cannot use the shared database" in history.problem
        assert history.turns("丁", "c") == [turn]
        assert queue.wait(queue.join("丁"), 0) == 0
    finally:
        postgres.start()
    history.add("丁", "c", "之后问", ANSWER)
    assert history.problem == ""
    assert [t.question for t in SharedHistory(Database(postgres.url)).turns("丁", "c")] == ["停机时问", "之后问"]


def test_people_are_known_on_every_server(url):
    database = Database(url)
    assert open_people(None, database) is None
    set_shared_password(database, "甲", "x1")
    people = open_people(None, Database(url))
    assert people.check("甲", "x1")
    set_shared_password(database, "甲", "x2")
    people._looked = 0.0
    assert (people.check("甲", "x1"), people.check("甲", "x2"), people.names) == (False, True, ["甲"])
    with pytest.raises(BaowenError, match="no spaces or colons"):
        set_shared_password(database, "甲 乙", "x")


def test_a_session_of_one_server_is_good_on_the_other(url):
    set_shared_password(Database(url), "甲", "x")
    servers = [(SharedHistory(database), SharedPasswords(database)) for database in (Database(url), Database(url))]
    assert len({(history.secret("session"), people.mark("甲")) for history, people in servers}) == 1


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("no url at all", "not a database URL"),
        ("oracle9://a/b", "not a database URL"),
        ("postgresql+psycopg://u:geheim@127.0.0.1:1/x", "cannot use the shared database"),
    ],
)
def test_a_bad_address_is_said_without_its_password(address, message):
    with pytest.raises(BaowenError, match=message) as raised:
        Database(address)
    assert "geheim" not in str(raised.value)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(BaowenError, match=r"需要 sqlalchemy.*pip install -e '\.\[database\]'$"):
        Database("sqlite://")


def test_state_is_kept_where_it_is_configured(tmp_path):
    shared = Settings(database=f"sqlite:///{tmp_path}/s", generator={"url": "http://127.0.0.1:1/v1", "at_once": 4})
    database = Database(shared.database.get_secret_value())
    assert type(open_conversations(shared, database)).__name__ == "SharedHistory"
    assert type(open_conversations(Settings(history=tmp_path / "h"), None)).__name__ == "History"
    assert (type(open_kept(shared)).__name__, type(open_kept(Settings())).__name__) == ("SharedKept", "Kept")
    assert (type(open_queue(shared, database)).__name__, open_queue(shared, database)._at_once) == ("SharedQueue", 4)
    assert type(open_queue(Settings(), database)).__name__ == "FairQueue"  # a model of this machine's own
