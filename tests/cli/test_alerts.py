import json

import pytest

from rag.alerts.kept import Kept
from tests.conftest import ISSUES

INSIDE = "http://127.0.0.1:9/hook"


@pytest.fixture
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("BAOWEN_KEPT", str(tmp_path / "kept.sqlite"))
    monkeypatch.setenv("BAOWEN_ALERTS__ADDRESS", "https://archive.example/")
    return Kept(tmp_path / "kept.sqlite")


def test_a_search_is_saved_listed_and_dropped(run, kept, archive_folder):
    status, out, _ = run("saved", "塔吊", "--name", "吊车", "--email", "a@paper.example")
    identity, name = out.split()
    assert (status, name) == (0, "吊车")
    assert run("saved")[1] == f"{identity}  塔吊  a@paper.example\n"
    assert json.loads(run("saved", "--json")[1])["query"] == "塔吊"
    assert run("saved", "--remove", identity)[0] == 0
    assert run("saved")[1] == ""
    assert kept.searches() == []


def test_a_feed_has_a_secret_address_that_a_new_one_replaces(run, kept, archive_folder):
    identity = json.loads(run("saved", "塔吊", "--json")[1])["id"]
    first, second = (run("saved", "--feed", identity)[1].strip() for _ in range(2))
    assert first.startswith("https://archive.example/feeds/")
    assert kept.of_feed(first.rpartition("/")[2]) is None
    assert kept.of_feed(second.rpartition("/")[2]).id == identity


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["塔吊 AND"], "缺一个要查的词"), (["塔吊", "--webhook", INSIDE], ""), (["--remove", "none"], "none")],
)
def test_what_cannot_be_saved_is_one_clear_line(run, kept, archive_folder, arguments, said):
    status, out, error = run("saved", *arguments)
    assert (status, out, len(error.splitlines())) == (1, "", 1)
    assert said in error
    assert kept.searches() == []


def test_no_search_is_saved_before_there_is_an_archive(run, kept):
    status, _, error = run("saved", "塔吊")
    assert (status, "baowen build" in error, kept.searches()) == (1, True, [])


def test_new_hits_are_looked_for_by_command(run, kept, archive_folder):
    run("saved", "塔吊")
    assert run("alerts")[:2] == (0, "发出 0 条，未送到 0 条 (sent, refused)\n")
    assert json.loads(run("alerts", "--json")[1]) == {"sent": 0, "refused": 0}


def test_what_is_built_after_a_search_is_saved_is_told_at_the_first_look(run, kept, archive_folder, tmp_path):
    assert run("saved", "塔吊", "--email", "a@paper.example")[0] == 0
    (tmp_path / "new.jsonl").write_text('{"id": "new", "title": "塔吊", "date": "2031-05-09", "text": "新的塔吊。"}')
    assert run("build", ISSUES, tmp_path / "new.jsonl")[0] == 0
    assert json.loads(run("alerts", "--json")[1]) == {"sent": 0, "refused": 1}  # no mail server is configured
    with kept.opened() as database:
        assert [row[0] for row in database.execute("SELECT articles FROM messages")] == ['["new"]']
