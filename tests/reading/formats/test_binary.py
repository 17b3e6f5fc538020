"""Old office files, slides, fixed layouts and archives: what they hold, and what is refused in clear words."""

import gzip
import io
import os
import stat
import struct
import tarfile

import pytest

from index.reading import read_issue
from index.reading.content.files import UnreadableFileError
from index.reading.formats import FORMATS, packed, read_pages
from index.reading.formats.office import convert
from tests.reading import samples
from tests.reading.samples import LINES, MARKDOWN, MORE, TEXT, TITLE

SAMPLES = samples.samples()


def put(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def read(tmp_path, name, data):
    return read_issue([(put(tmp_path, name, data), name)])


@pytest.mark.parametrize("suffix", [".doc", ".wps", ".rtf", ".pptx", ".ofd", ".ods", ".tar", ".tgz", ".7z", ".gz"])
def test_every_kind_gives_its_article(tmp_path, suffix):
    data = SAMPLES[".doc" if suffix == ".wps" else suffix]
    [article] = read(tmp_path, "a.md.gz" if suffix == ".gz" else f"a{suffix}", data).articles
    assert article.title == TITLE
    assert "".join(article.body.split("\n")) == TEXT + MORE + ("end" if suffix in (".doc", ".wps") else "")


def test_a_file_is_read_as_what_it_is_whatever_its_name_says(tmp_path):
    for name, kind in (("a.doc", ".rtf"), ("b.doc", ".docx"), ("c.xls", ".doc"), ("d.doc", ".html")):
        assert [article.title for article in read(tmp_path, name, SAMPLES[kind]).articles] == [TITLE], name


def test_word_keeps_headers_once_cells_apart_and_of_fields_what_they_show(tmp_path):
    row = "姓名\x07船只\x07\x07陆鹤年\x07两条\x07\x07"
    text = f"{TITLE}\r{TEXT}\r\x13HYPERLINK x\x14{MORE}\x15\r{row}"
    headers = "青禾日报 2031年3月4日 第2版\r- 1 -\r青禾日报 2031年3月4日 第2版\r"
    [article] = read(tmp_path, "a.doc", samples.word97(text, headers=headers)).articles
    assert (article.paper, article.date, article.page) == ("青禾日报", "2031-03-04", 2)
    assert article.body.split("\n")[:4] == [TEXT, MORE, "姓名 | 船只", "陆鹤年 | 两条"]
    assert "HYPERLINK" not in article.body


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.doc", samples.word97(TEXT, flags=0x0300), "有密码"),
        ("a.doc", samples.word97("\r\r"), ""),
        ("a.doc", b"not a word file at all", "请另存为 .docx"),
        ("a.doc", samples.compound({"Something": b"x"}), "需要 LibreOffice"),
        ("a.ppt", b"anything", "需要 LibreOffice"),
        ("a.rtf", b"{" * 5000 + b"\\rtf1", "不是可读的 RTF"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "不是可读的"),
        ("a.ofd", samples.zipped({"OFD.xml": "<OFD/>"}), "里面没有文字"),
        ("a.7z", samples.sevenfold({"a.md": MARKDOWN}, password="x"), "有密码"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, monkeypatch, name, data, message):
    monkeypatch.setenv("PATH", str(tmp_path))
    issue = read(tmp_path, name, data)
    if message:
        assert not issue.articles
        assert message in issue.failed[0]
        assert issue.failed[0].startswith(str(tmp_path / name))


def test_what_is_not_installed_names_the_line_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for format in FORMATS:
        if format.needs and format.needs[1] == "office" and format.suffixes:
            with pytest.raises(UnreadableFileError, match=r"pip install -e '\.\[office\]'"):
                format.require(tmp_path / "a")


def test_libreoffice_converts_what_only_it_reads(tmp_path, monkeypatch):
    made = put(tmp_path, "made.odt", SAMPLES[".odt"])
    script = tmp_path / "soffice"
    script.write_text(f'#!/bin/sh\nshift 5\n/bin/mkdir -p "$2"\n/bin/cp "{made}" "$2/given.odt"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/nowhere")
    assert [article.title for article in read(tmp_path, "a.ppt", b"slides").articles] == [TITLE]


def test_a_libreoffice_that_hangs_is_ended(tmp_path, monkeypatch):
    script = put(tmp_path, "soffice", b"#!/bin/sh\n/bin/sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(convert, "_SECONDS", 1)
    with pytest.raises(UnreadableFileError, match="没有转换完"):
        read_pages(put(tmp_path, "a.ppt", b"slides"))


def test_an_archive_s_links_and_paths_lead_nowhere(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (("link.md", tarfile.SYMTYPE), ("hard.md", tarfile.LNKTYPE), ("pipe.md", tarfile.FIFOTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        entry = tarfile.TarInfo("../../2031-03-04/02.md")
        entry.size = len(MARKDOWN)
        archive.addfile(entry, io.BytesIO(MARKDOWN))
    folder = tmp_path / "in"
    folder.mkdir()
    [article] = read(folder, "a.tar", buffer.getvalue()).articles
    assert (article.title, article.date, article.source) == (TITLE, "2031-03-04", "a.tar/2031-03-04/02.md")
    assert [path.name for path in tmp_path.rglob("*.md")] == []


@pytest.mark.parametrize("name", ["a.tar", "a.tgz", "a.md.gz", "a.7z"])
def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(packed, "MAX_UNPACKED_BYTES", 1 << 16)
    monkeypatch.setattr(packed, "MAX_FILE_BYTES", 1 << 16)
    bomb = {"a.md": b"a" * (1 << 20)}
    data = {
        "a.tar": lambda: samples.tarred(bomb),
        "a.tgz": lambda: samples.tarred(bomb, "w:gz"),
        "a.md.gz": lambda: gzip.compress(bomb["a.md"]),
        "a.7z": lambda: samples.sevenfold(bomb),
    }[name]()
    issue = read(tmp_path, name, data)
    assert not issue.articles
    assert "zip bomb" in issue.failed[0] or "too large" in issue.failed[0]


def test_what_stands_before_a_fault_in_an_archive_is_read(tmp_path):
    whole = samples.tarred({"a.md": MARKDOWN, "b.md": "\n\n".join(LINES[::-1]).encode() * 400})
    issue = read(tmp_path, "a.tar", whole[:2600])
    assert [article.title for article in issue.articles][:1] == [TITLE]
    assert issue.failed


def test_archives_inside_archives_are_counted_and_left_out(tmp_path):
    inner = samples.zipped({"b.md": MARKDOWN})
    issue = read(tmp_path, "a.tgz", samples.tarred({"a.md": MARKDOWN, "b.zip": inner, "c.tar": inner}, "w:gz"))
    assert len(issue.articles) == 1
    assert "2 个文件不是可读的类型" in issue.failed[0]


def test_pieces_that_point_outside_the_file_are_an_error(tmp_path):
    data = bytearray(SAMPLES[".doc"])
    at = data.index(b"\x01\x02\x00xx\x02") + 5
    struct.pack_into("<I", data, at + 1, 0x7FFFFFF0)
    issue = read(tmp_path, "a.doc", bytes(data))
    assert "不是可读的 .doc" in issue.failed[0]
