import datetime

import pytest

from rag.web.access.keys import Keys


@pytest.fixture
def keys(monkeypatch, tmp_path):
    monkeypatch.setenv("BAOWEN_ACCESS__KEYS", str(tmp_path / "keys.json"))
    return Keys(tmp_path / "keys.json")


def test_a_key_is_shown_once_listed_without_it_and_taken_away(run, keys):
    status, out, error = run("key", "统计", "--person", "王芳", "--archive", "公开", "--until", "2099-12-31")
    secret = out.strip()
    assert (status, "这一次" in error) == (0, True)
    assert keys.find(secret).person == "王芳"
    _, listed, _ = run("key")
    assert listed == "统计  王芳  公开  2099-12-31\n"
    assert secret not in listed
    assert run("key", "统计", "--remove")[0] == 0
    assert keys.find(secret) is None
    assert run("key")[1] == ""


def test_a_key_without_end_is_for_all_archives_and_one_of_yesterday_is_over(run, keys):
    run("key", "一", "--person", "王芳")
    yesterday = datetime.date.today() - datetime.timedelta(1)
    run("key", "二", "--person", "李敏", "--until", yesterday.isoformat())
    first, second = run("key")[1].splitlines()
    assert first == "一  王芳  全部 (all)  不过期 (no end)"
    assert "已过期" in second


@pytest.mark.parametrize(
    "arguments",
    [["统计"], ["a/b", "--person", "甲"], ["统计", "--remove"], ["统计", "--person", "甲", "--until", "明天"]],
)
def test_a_key_that_cannot_be_made_or_taken_away_is_one_clear_line(run, keys, arguments):
    status, out, error = run("key", *arguments)
    assert (status, out, len(error.splitlines())) == (1, "", 1)
    assert keys.all() == []
