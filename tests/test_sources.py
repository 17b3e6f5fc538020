"""What lies in a folder beside readable pages: nothing of it ends a build, all of it is said, in few harmless lines."""

import logging
import os

import pytest

from index.build import build
from index.config import PassageSettings
from index.errors import BaowenError
from index.report import notes
from index.sources import find_sources
from index.text.words import harmless
from rag.cli.printing import OneLine

SETTINGS = PassageSettings()


@pytest.fixture(autouse=True)
def unsynced(monkeypatch):
    """Most of the time of a small build goes into waiting for the disk."""
    monkeypatch.setattr("index.storage.snapshots.fsync", lambda path: None)


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "2024-07-30_第1版.md").write_text("# 甲事\n\n本报讯（记者 甲乙）甲地发生一件事。\n", encoding="utf-8")
    return folder


def test_names_in_another_encoding_are_skipped_by_name(pages, tmp_path, embedder):
    inner = os.path.join(os.fsencode(pages), "报纸".encode("gb18030"))
    os.mkdir(inner)
    for path in (os.path.join(inner, b"01.md"), os.path.join(os.fsencode(pages), b"\xff\xfe.md")):
        with open(path, "wb") as file:
            file.write("一篇。".encode())
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    assert (report.added, report.failed, report.articles) == (1, 2, 1)
    assert "\\xff\\xfe.md: 名称不是 UTF-8" in "".join(report.problems)
    "".join(report.problems).encode()


def test_names_that_a_terminal_would_obey_are_shown_harmless(pages, tmp_path, embedder, caplog):
    (pages / "\x1b[31m红\n行.md").write_bytes(b"\x00\x01\xff" * 50)
    (pages / "b\x1b]0;x\x07.md").write_text("# 乙事\n\n本报讯 乙地发生一件事。\n", encoding="utf-8")
    (pages / "a.\x1b[2J").write_text("x")
    caplog.set_level(logging.INFO)
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    said = [*report.notes, *caplog.messages, str(report), *report.problems, *report.warnings]
    assert report.failed == 1
    assert not [line for line in said if line != harmless(line)]
    record = logging.LogRecord("x", logging.INFO, "", 0, "读入 %s", ("a\n\x1b[2J",), None)
    assert OneLine().format(record) == "读入 a\\n\\x1b[2J"


def test_kinds_that_are_not_read_are_counted_in_one_line_and_locks_are_passed_over(pages, tmp_path, embedder):
    for name in ("a.mp4", "b.MP4", "c.exe", "README", "~$x.docx", ".hidden"):
        (pages / name).write_text("x")
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    assert report.unread == {".mp4": 2, ".exe": 1, "": 1}
    assert str(report).endswith("未读的文件：2 个 .mp4、1 个无后缀、1 个 .exe (not read)")
    assert report.failed == 0
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "a.mp4").write_text("x")
    with pytest.raises(BaowenError, match=r"新增 0 个；未读的文件：1 个 .mp4"):
        build([tmp_path / "only"], tmp_path / "a", embedder, SETTINGS, keep_others=True)


def test_failures_are_reported_until_they_are_mended(pages, tmp_path, embedder):
    (pages / "x.jsonl").write_text('{"id": "1", "text": "夜航两班。"}\n{"id": "2"}\n{"id": "3", "text": "晴。"}\n')
    (pages / "y.md").write_bytes(b"\x00\x01\xff" * 50)
    for _ in range(3):
        report = build([pages], tmp_path / "a", embedder, SETTINGS)
        assert (report.failed, report.lost_records, report.articles) == (2, 1, 3)
        assert any("丢了 1 条" in problem for problem in report.problems)
        assert report.read == 2
    (pages / "x.jsonl").write_text('{"id": "1", "text": "夜航两班。"}\n')
    (pages / "y.md").write_text("# 乙事\n\n本报讯 乙地发生一件事。\n", encoding="utf-8")
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    assert (report.failed, report.lost_records, report.problems) == (0, 0, [])


def test_notes_that_say_the_same_are_one_line():
    same = [f"{number:03}.md: {number} 行认不出归属" for number in range(1, 301)]
    assert notes([*same, "x.md: 另一件事"]) == [
        "300 个文件 (files): 共 45150 行认不出归属，如 001.md、002.md、003.md",
        "x.md: 另一件事",
    ]


def test_overlapping_folders_give_each_file_once(pages):
    found = find_sources([pages, pages.parent, pages / "2024-07-30_第1版.md"])
    assert len(found.files) == 1
    assert found.files[0].source.endswith("/pages/2024-07-30_第1版.md")
