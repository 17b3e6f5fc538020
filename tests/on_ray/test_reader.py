"""What the two sides say to each other, and errors, without a cluster."""

import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

from index.errors import BaowenError
from index.isolation import read_issue, reading
from index.isolation.frames import Failure, believed
from index.on_ray.pipeline import Embed, Instructions, read
from index.on_ray.reader import RayReader, _key, _table
from index.reading import Issue
from index.sources import find_sources
from index.storage.reuse import Journal, KnownVectors, short_keys, text_hash
from index.storage.store import FORMAT, Stamp
from index.updating.reading import Job
from tests.conftest import FakeEmbedder

STAMP = Stamp(FORMAT, "fake", 64, 250, 400)
ALL = Instructions(STAMP, False, np.zeros(0, np.uint64))


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def sent(path):
    """The one issue of a folder, as it is sent."""
    (source,) = find_sources([path]).sources
    return _table((7, source))


def read_one(table, instructions=ALL) -> tuple[list[str], Issue]:
    rows = [row for part in read(table, instructions) for row in part.to_pylist()]
    assert {row["number"] for row in rows} == {7}
    return [row["text"] for row in rows[:-1]], believed(rows[-1]["issue"])


def test_files_are_read_as_if_they_lay_where_they_came_from(tmp_path):
    write(tmp_path / "pages", "江州日报/2031-03-04/01.md", "# 甲事\n\n甲地发生一件事。\n")
    texts, issue = read_one(sent(tmp_path / "pages"))
    assert texts == ["甲事\n甲地发生一件事。"]
    (article,) = issue.articles
    assert (article.id, article.date, article.page) == ("pages/江州日报/2031-03-04/01.md#1", "2031-03-04", 1)


def test_pictures_under_a_pages_map_go_along(tmp_path):
    for shown in ("b02.jpg", "unused.jpg"):
        (tmp_path / "pages").mkdir(exist_ok=True)
        (tmp_path / "pages" / shown).write_bytes(b"picture")
    page = '<img src="b02.jpg?v=1" usemap="#m"><img src="../outside.jpg"><map name="m"></map><h1>题</h1><p>正文。</p>'
    path = write(tmp_path / "pages", "node_2.html", page)
    (row,) = _table((0, find_sources([path]).sources[0])).to_pylist()
    assert [place.decode() for place in row["paths"]] == [str(path), str(path.parent / "b02.jpg")]
    assert row["names"] == ["pages/node_2.html", ""]


def test_files_that_a_mets_names_go_along(tmp_path):
    write(tmp_path / "pages", "alto/p1.xml", "<alto/>")
    files = '<file ID="a"><FLocat xlink:href="alto/p1.xml" xmlns:xlink="http://www.w3.org/1999/xlink"/></file>'
    path = write(tmp_path / "pages", "mets.xml", f"<mets>{files}</mets>")
    (row,) = _table((0, find_sources([path]).sources[0])).to_pylist()
    assert str(path.parent / "alto" / "p1.xml").encode() in row["paths"]


def test_a_file_that_ends_its_reader_is_named_where_it_lies(tmp_path, monkeypatch):
    path = write(tmp_path / "pages", "01.html", "<html><h1>题</h1><p>正文。</p></html>")
    monkeypatch.setattr(reading, "_ask", lambda files, options, limits: Failure("crash"))
    texts, issue = read_one(sent(path))
    assert (texts, issue.failed) == ([], [f"{path}: 读它的程序崩溃了 (the reader crashed)"])


def test_a_file_that_is_gone_is_named_where_it_lay(tmp_path):
    path = write(tmp_path / "pages", "01.md", "# 题\n\n正文。\n")
    (source,) = find_sources([path]).sources
    path.unlink()
    _, issue = read_one(_table((7, source)))
    assert issue.failed == [f"{path}: 无法读取 (No such file or directory)"]


def test_only_texts_without_a_vector_are_embedded_each_once(tmp_path):
    page = "# 甲事\n\n甲地发生一件事。\n"
    for name in ("2031-03-04/01.md", "2031-03-04/02.md"):
        write(tmp_path / "pages", name, page)
    write(tmp_path / "pages", "2031-03-04/03.md", "# 乙事\n\n乙地发生一件事。\n")
    table = sent(tmp_path / "pages")
    assert read_one(table)[0] == ["甲事\n甲地发生一件事。", "乙事\n乙地发生一件事。"]
    known = short_keys([text_hash("甲事\n甲地发生一件事。")])
    assert read_one(table, Instructions(STAMP, False, known))[0] == ["乙事\n乙地发生一件事。"]


def test_vectors_are_those_of_the_model_and_issues_have_none(tmp_path):
    write(tmp_path / "pages", "01.md", "# 甲事\n\n甲地发生一件事。\n")
    (table,) = read(sent(tmp_path / "pages"), ALL)
    first, issue = Embed(FakeEmbedder)(table).to_pylist()
    expected = FakeEmbedder().encode(["甲事\n甲地发生一件事。"]).astype("<f2")
    assert (first["key"], first["vector"]) == (text_hash("甲事\n甲地发生一件事。"), expected.tobytes())
    assert (issue["key"], issue["vector"]) == (None, None)


def test_kept_issues_need_no_cluster_and_are_read_once_each(tmp_path, monkeypatch):
    for number in (1, 2, 3):
        write(tmp_path / "pages", f"2031-03-0{number}/01.md", f"# 第{number}事\n\n甲地发生一件事。\n")
    journal, read = Journal(tmp_path / "journal.sqlite", "fake"), []
    job = Job(STAMP, journal, KnownVectors(None, journal, 64), tmp_path / "recognised.sqlite")
    sources = find_sources([tmp_path / "pages"]).sources
    for source in sources:
        journal.put_issue(_key(source, job), pickle.dumps(read_issue([(f.path, f.source) for f in source.files])))
    issue = journal.issue
    monkeypatch.setattr(journal, "issue", lambda key: read.append(key) or issue(key))
    found = list(RayReader("ray://127.0.0.1:1", FakeEmbedder)(sources, job))
    assert [one.articles[0].title for one in found] == ["第1事", "第2事", "第3事"]
    assert read == [_key(source, job) for source in sources]
    journal.close()


def test_another_version_on_the_cluster_is_refused(tmp_path):
    write(tmp_path / "pages", "01.md", "# 题\n\n正文。\n")
    with pytest.raises(BaowenError, match=r"集群上的报问读法是 \d+，这里是 0.*请在所有机器上装同一版本"):
        list(read(sent(tmp_path / "pages"), replace(ALL, version=0)))


def test_no_cluster_is_one_sentence(tmp_path, run, monkeypatch):
    import ray.util.client.worker

    monkeypatch.setattr(ray.util.client.worker, "INITIAL_TIMEOUT_SEC", 0.1)
    write(tmp_path / "pages", "01.md", "# 题\n\n正文。\n")
    status, out, err = run("build", tmp_path / "pages", "--on", "ray://127.0.0.1:1")
    assert (status, out) == (1, "")
    assert re.fullmatch(r"错误：ray://127.0.0.1:1 没有应答的 Ray 集群 .*ray start --head.*\n", err.splitlines(True)[-1])
    assert "Traceback" not in err


@pytest.mark.parametrize("on", ["", "spark", "head:10001"])
def test_another_place_is_wrong_usage(tmp_path, run, on):
    write(tmp_path / "pages", "01.md", "# 题\n\n正文。\n")
    status, _, err = run("build", tmp_path / "pages", "--on", on)
    assert status == 2
    assert "--on" in err
