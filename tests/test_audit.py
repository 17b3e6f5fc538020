import datetime
import json
import logging
import sys

import pytest

from index.config import AuditSettings
from rag import cli
from rag.audit import Audit
from rag.logs import AsJson

from .conftest import ISSUES

ARTICLE = "issues/2025-04-18/03.md#2"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "audit"


def test_lines_are_added_for_the_owner_alone_and_questions_only_where_wanted(folder):
    Audit(AuditSettings(folder=folder)).note("asked", "甲", "10.0.0.1", question="问", snapshot="000001")
    audit = Audit(AuditSettings(folder=folder, questions=True))
    audit.note("asked", "乙", "10.0.0.2", question="问\n{")
    first, second = audit.entries()
    assert (first["who"], first["from"], first["snapshot"], "question" in first) == ("甲", "10.0.0.1", "000001", False)
    assert second["question"] == "问\n{"
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_old_days_are_deleted_and_half_lines_passed_over(folder):
    folder.mkdir()
    today = datetime.datetime.now(datetime.UTC).date()
    kept, gone = (today - datetime.timedelta(days=days) for days in (30, 31))
    for day in (kept, gone):
        (folder / f"{day}.jsonl").write_text('{"action": "old"}\n{"acti', encoding="utf-8")
    (folder / "notes.txt").write_text("mine")
    audit = Audit(AuditSettings(folder=folder, days=30))
    audit.command("built", added=1)
    assert {path.name for path in folder.iterdir()} == {f"{kept}.jsonl", f"{today}.jsonl", "notes.txt"}
    assert [entry["action"] for entry in audit.entries()] == ["old", "built"]
    assert [entry["action"] for entry in audit.entries(since=str(today))] == ["built"]


def test_a_log_that_cannot_be_written_stops_nobody(folder, caplog):
    folder.write_text("a file")
    Audit(AuditSettings(folder=folder)).note("asked", "甲", "")
    assert "cannot write the audit log" in caplog.text
    assert not Audit(AuditSettings())


def test_commands_are_in_it_and_it_can_be_exported(folder, monkeypatch, capsys, archive_folder, tmp_path):
    monkeypatch.setenv("BAOWEN_AUDIT__FOLDER", str(folder))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["baowen", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return stopped.value.code, capsys.readouterr().out

    assert run("pack", archive_folder, tmp_path / "a.baowen")[0] == 0
    assert run("unpack", tmp_path / "a.baowen", tmp_path / "b")[0] == 0
    status, out = run("audit", "--action", "unpacked")
    (entry,) = map(json.loads, out.splitlines())
    assert status == 0
    assert (entry["who"][:3], entry["from"], entry["snapshot"]) == ("os:", "command", "000001")
    assert run("export", "jsonl", "--archive", archive_folder)[0] == 0
    _, out = run("audit", "--action", "exported")
    assert json.loads(out)["form"] == "jsonl"


def test_questions_and_corrections_by_command_are_noted_as_those_of_the_page(run, folder, monkeypatch):
    monkeypatch.setenv("BAOWEN_AUDIT__FOLDER", str(folder))
    run("build", ISSUES)
    assert run("ask", "蓝采薇每天爬多高的塔吊？")[0] == 0
    found = [json.loads(line)["article"] for line in run("search", "塔吊", "-k", 20, "--json")[1].splitlines()]
    (body,) = {article["body"] for article in found if article["id"] == ARTICLE}
    assert run("correct", ARTICLE, body[:8], "改后的文字", "--who", "甲", "--later")[0] == 0
    noted = [json.loads(line) for line in run("audit")[1].splitlines()]
    assert [entry["action"] for entry in noted][:2] == ["built", "asked"]
    assert (noted[-1]["action"], noted[-1]["edit"]["details"]["article"]) == ("text corrected", ARTICLE)
    assert noted[1]["snapshot"] == "000001"
    assert "question" not in noted[1]


def test_a_date_that_is_none_is_said(run, folder, monkeypatch):
    monkeypatch.setenv("BAOWEN_AUDIT__FOLDER", str(folder))
    assert run("audit", "--since", "2025-4-1")[0] == 1
    assert "不是日期" in run("audit", "--until", "昨天")[2]


def test_messages_as_json_are_one_object_a_line():
    record = logging.LogRecord("baowen", logging.WARNING, "", 0, "坏\n%s", ("了",), None)
    entry = json.loads(AsJson().format(record))
    assert (entry["level"], entry["logger"], entry["message"]) == ("warning", "baowen", "坏\n了")
