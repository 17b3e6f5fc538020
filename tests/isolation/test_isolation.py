"""Files are read in a process of their own: whatever they do to it, the others are read and this process lives."""

import pickle
import struct
import sys
import zipfile

import pytest

from index.isolation import Limits, read_issue
from index.isolation.frames import Failure, IssueFiles, Request, believed
from index.isolation.process import Processes, ReadingProcess
from index.isolation.reading import _is_plain
from index.reading import read_issue as read_here
from index.reading.formats import Options

from ..conftest import ISSUES

NOTHING = IssueFiles(())
READY = "import sys, struct, pickle, time, os\n" + (
    "def say(data): sys.stdout.buffer.write(struct.pack('>Q', len(data)) + data); sys.stdout.buffer.flush()\n"
    "say(pickle.dumps('ready'))\nsys.stdin.buffer.read(8)\n"
)


def process(what):
    """A reading process that does something else than reading."""
    return ReadingProcess((sys.executable, "-c", READY + what))


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "2031-03-04_第1版.html"
    text = "本报讯（记者 沈南乔）青石桥封闭检修45天，行人请绕行云山路。"
    path.write_text(f"<html><body><h1>青石桥封闭检修</h1><p>{text}</p></body></html>", encoding="utf-8")
    return path


@pytest.fixture
def bomb(tmp_path):
    """An XML file that is small and takes a hundred times its size of memory."""
    path = tmp_path / "2031-03-04_第2版.xml"
    path.write_text(
        f'<?xml version="1.0"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">{"<a/>" * 1_500_000}</alto>'
    )
    return path


def test_it_reads_as_this_process_does(page):
    given = [(page, "a/b.html")]
    apart, here = read_issue(given), read_here(given)
    assert apart.articles == here.articles
    assert apart.articles[0].title == "青石桥封闭检修"
    assert [p.facts for p in apart.pages] == [p.facts for p in here.pages]
    assert (apart.failed, apart.warnings, apart.fields) == (here.failed, here.warnings, here.fields)


def test_a_file_that_takes_too_much_memory_costs_itself_alone(page, bomb):
    read = read_issue([(bomb, "2.xml"), (page, "1.html")], limits=Limits(memory=160 << 20, seconds=120))
    assert [article.title for article in read.articles] == ["青石桥封闭检修"]
    assert len(read.failed) == 1
    assert "第2版.xml" in read.failed[0]
    assert read_issue([(page, "1.html")]).articles, "and the next file is read"


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("time.sleep(60)", "time"),
        ("say(pickle.dumps('x')[:-1])", "crash"),
        ("os.abort()", "crash"),
        ("sys.exit()", "crash"),
        ("sys.stdout.buffer.write(struct.pack('>Q', 1 << 50)); sys.stdout.flush(); time.sleep(60)", "memory"),
        ("say(b'cos\\nsystem\\n(S\"touch evil\"\\ntR.')", "crash"),
    ],
)
def test_whatever_becomes_of_it_is_said_and_it_is_ended(what, reason, tmp_path):
    reader = process(what)
    assert reader.ask(Request(NOTHING, seconds=1.0)) == Failure(reason)
    assert not reader.is_alive
    assert not (tmp_path / "evil").exists()


def test_a_process_that_cannot_start_is_said():
    assert ReadingProcess((sys.executable, "-c", "1/0")).ask(Request(NOTHING, seconds=5)) == Failure("crash")


def test_what_comes_back_runs_nothing():
    for value in (print, sys.exit, zipfile.ZipFile, Processes):
        with pytest.raises(pickle.UnpicklingError):
            believed(pickle.dumps(value))
    for value in (
        Failure("x"),
        Request(IssueFiles((), Options({"a": "b"}))),
        {"a": {1, 2}},
        None,
        struct.pack(">Q", 1),
    ):
        assert believed(pickle.dumps(value)) == value


def test_texts_are_read_here_and_what_only_says_that_it_is_one_is_not(tmp_path):
    assert _is_plain(ISSUES / "2025-04-18" / "01.md")
    for name, data in (("a.txt", b"%PDF-1.7"), ("b.md", b"<!doctype html><p>x"), ("c.pdf", b"text"), ("d.zip", b"")):
        (tmp_path / name).write_bytes(data)
        assert not _is_plain(tmp_path / name), name
    assert _is_plain(tmp_path / "none.txt")


def test_secrets_of_the_settings_do_not_reach_it(monkeypatch):
    monkeypatch.setenv("BAOWEN_GENERATOR__API_KEY", "s3cret")
    what = "say(pickle.dumps(sorted(name for name in os.environ if 'BAOWEN' in name)))"
    assert process(what).ask(Request(NOTHING, seconds=20)) == []
