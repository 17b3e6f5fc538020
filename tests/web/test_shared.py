"""Several servers on one database: SQLite through SQLAlchemy, and Debian's PostgreSQL where it is installed."""

import sys
import threading

import pytest

from index.config import Settings
from index.errors import BaowenError
from rag.serving.database import Database
from rag.serving.shared_queue import SharedQueue
from rag.web.shared_history import SharedHistory
from rag.web.shared_people import SharedPasswords, set_shared_password
from rag.web.state import open_conversations, open_people, open_queue
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
        connection.exec_driver_sql("TRUNCATE turns, names, secrets, people, waiting")
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
    assert here.usage(7) == [
        {"archive": "", "day": first.asked[:10], "questions": 3, "people": 1}
        | {"answered": 2, "quoted": 0, "refused": 1, "ms": 1200.0}
    ]
    here.forget_from("甲", here.turns("甲", "c")[1])
    assert [t.question for t in there.turns("甲", "c")] == ["问一"]
    assert there.person_of(first.id) == "甲"
    there.forget_conversation("甲", "d")
    assert [c.id for c in here.conversations("甲")] == ["c"]
    assert there.forget("甲") == 1
    assert here.conversations("甲") == []


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
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(BaowenError, match="written by a later version"):
            Database(url)
    finally:
        with database.writing() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")


def test_the_tables_are_those_that_the_migrations_make(url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from rag.serving.database.tables import metadata

    with Database(url).writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


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
    with pytest.raises(BaowenError, match=r"needs it.*pip install 'baowen\[database\]'"):
        Database("sqlite://")


def test_state_is_kept_where_it_is_configured(tmp_path):
    shared = Settings(database=f"sqlite:///{tmp_path}/s", generator={"url": "http://127.0.0.1:1/v1", "at_once": 4})
    database = Database(shared.database.get_secret_value())
    assert type(open_conversations(shared, database)).__name__ == "SharedHistory"
    assert type(open_conversations(Settings(history=tmp_path / "h"), None)).__name__ == "History"
    assert (type(open_queue(shared, database)).__name__, open_queue(shared, database)._at_once) == ("SharedQueue", 4)
    assert type(open_queue(Settings(), database)).__name__ == "FairQueue"  # a model of this machine's own
