import json
import socket
import sys

import pytest

from index.config import Settings
from rag import cli
from rag.doctor import examine


def found(settings, port=0):
    return {finding.what: finding for finding in examine(settings, "127.0.0.1", port)}


@pytest.fixture
def configured(archive_folder, tmp_path):
    (tmp_path / "model.gguf").write_text("")
    return Settings(
        archive=archive_folder,
        embedder={"model": "fake"},
        generator={"model": str(tmp_path / "model.gguf")},
        history=tmp_path / "history.sqlite",
    )


def test_all_is_well_on_a_machine_that_has_everything(configured):
    findings = found(configured)
    assert [name for name, finding in findings.items() if finding.state == "bad"] == []
    assert "26 篇" in findings["馆藏 archive"].found
    assert {"Python", "内存 memory", "端口 port", "磁盘 disk：缓存 cache", "历史 history"} <= set(findings)


def test_every_archive_that_is_configured_is_looked_at(configured, tmp_path):
    archives = {"内部": {"path": configured.archive}, "公开": {"path": tmp_path / "none"}}
    settings = Settings(**configured.model_dump(include={"embedder", "history"}), archives=archives)
    findings = found(settings)
    assert findings["馆藏 archive：内部"].state == "ok"
    assert findings["馆藏 archive：公开"].state == "bad"
    assert "馆藏 archive" not in findings
    assert "磁盘 disk：馆藏 archive 公开" in findings


def test_whatever_is_not_well_says_what_to_do(configured, tmp_path):
    (tmp_path / "history.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    broken = configured.model_copy(
        update={
            "archive": tmp_path / "none",
            "embedder": configured.embedder.model_copy(update={"model": "packaged:none"}),
            "generator": configured.generator.model_copy(update={"model": "/no/such.gguf"}),
        }
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        findings = found(broken, taken.getsockname()[1])
    assert findings["馆藏 archive"].state == "bad"
    assert "baowen build" in findings["馆藏 archive"].do
    assert findings["历史 history"].state == "bad"
    assert "unpack" in findings["历史 history"].do
    assert findings["语言模型 generator"].state == "bad"
    assert findings["端口 port"].state == "warn"


def test_an_archive_of_another_embedder_is_named(configured):
    other = configured.model_copy(update={"embedder": configured.embedder.model_copy(update={"model": "/"})})
    assert "embedder.model 改回 fake" in found(other)["馆藏 archive"].do


def test_the_command_fails_where_something_is_bad(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["baowen", "doctor", "--archive", str(tmp_path / "none"), "--json"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert stopped.value.code == 1
    assert {line["what"]: line["state"] for line in lines}["馆藏 archive"] == "bad"
