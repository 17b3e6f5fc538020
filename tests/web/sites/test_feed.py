import re
import zipfile
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from app import create_app
from index.errors import BaowenError
from rag.web.history.history import History
from rag.web.rendering.text import Translator
from rag.web.sites.feed import Feed, as_recognised, corrected
from rag.web.sites.site import Site
from rag.web.views.feeding import Uploads

PAGE = "# 新馆开门\n\n本报讯（记者 甲乙）海边图书馆开门迎客。\n"
ZH = Translator("zh")


@pytest.fixture
def feed(archive, archive_folder, embedder, settings, tmp_path):
    return Feed(tmp_path / "added", archive_folder, embedder, settings)


@pytest.fixture
def found(feed, tmp_path):
    (tmp_path / "01.md").write_text(PAGE, encoding="utf-8")
    return feed.recognise([tmp_path / "01.md"], ZH)


def test_an_issue_is_recognised_corrected_and_published(feed, archive, found):
    (row,) = map(as_recognised, found.articles)
    assert (row.keep, row.title) == (True, "新馆开门")
    before = archive.store.stamp.articles
    feed.publish(corrected(found.articles, [replace(row, date="2025-04-19", page="1")], ZH))
    assert archive.store.stamp.articles == before + 1
    newest = archive.articles(1)[0]
    assert (newest.title, newest.date, newest.page, newest.reporters) == ("新馆开门", "2025-04-19", 1, ("甲乙",))


def test_what_is_unticked_is_not_published(found):
    rows = [replace(as_recognised(article), keep=False) for article in found.articles]
    assert corrected(found.articles, rows, ZH) == []


@pytest.mark.parametrize(("field", "value"), [("date", "昨天"), ("page", "头版"), ("page", "³")])
def test_a_wrong_correction_names_its_row(found, field, value):
    rows = [replace(as_recognised(article), **{field: value}) for article in found.articles]
    with pytest.raises(BaowenError, match=f"第 1 行的.*{value}"):
        corrected(found.articles, rows, ZH)


def test_rows_that_are_not_those_of_the_articles_are_refused(found):
    with pytest.raises(BaowenError, match="重新识别"):
        corrected(found.articles, [], ZH)


def test_a_build_that_fails_keeps_nothing(feed, found, monkeypatch):
    def fail(*_, **__):
        raise BaowenError("disk full")

    monkeypatch.setattr("rag.web.sites.feed.build", fail)
    with pytest.raises(BaowenError, match="disk full"):
        feed.publish(found.articles)
    assert list(feed.folder.iterdir()) == []


def test_uploads_that_cannot_be_read_are_named(feed, tmp_path):
    (tmp_path / "run.exe").write_bytes(b"MZ")
    (tmp_path / "bad.docx").write_bytes(b"no zip")
    large = tmp_path / "large.md"
    with large.open("wb") as file:
        file.truncate(200 << 20)
    result = feed.recognise([tmp_path / "run.exe", tmp_path / "bad.docx", large], ZH)
    assert result.articles == ()
    assert len(result.problems) == 3
    assert all(any(name in p for p in result.problems) for name in ("run.exe", "bad.docx", "large.md"))
    assert not any("/tmp" in problem for problem in result.problems)


def test_a_zip_bomb_is_refused(feed, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"0" * (300 << 20))
    (problem,) = feed.recognise([tmp_path / "bomb.docx"], ZH).problems
    assert "解压后" in problem


def test_a_name_that_looks_hidden_is_read_all_the_same(feed, tmp_path):
    (tmp_path / "..01.md").write_text(PAGE, encoding="utf-8")
    assert len(feed.recognise([tmp_path / "..01.md"], ZH).articles) == 1


def uploaded(client, name, body):
    return client.post("/feed/files", params={"name": name, "lang": "zh"}, content=body)


@pytest.fixture
def client(archive, feed, tmp_path):
    with TestClient(create_app(Site(archive, History(tmp_path / "history.sqlite"), feed=feed))) as client:
        yield client


def test_the_page_adds_an_issue(client, archive):
    before = archive.store.stamp.articles
    token = uploaded(client, "01.md", PAGE.encode()).json()["file"]
    shown = client.post("/feed/recognise", json={"files": [token]}).text
    assert "认出 1 篇" in shown
    batch = re.search('data-batch="([^"]+)"', shown)[1]
    rows = [{"keep": True, "title": "新馆开门", "date": "2025-04-19", "page": "1"}]
    stranger = TestClient(client.app)
    assert stranger.post("/feed/publish", json={"batch": batch, "rows": rows}).status_code == 422
    wrong = client.post("/feed/publish", json={"batch": batch, "rows": [rows[0] | {"date": "昨天"}]})
    assert "第 1 行" in wrong.json()["error"]
    published = client.post("/feed/publish", json={"batch": batch, "rows": rows}).json()
    assert published["said"].startswith("已发布 1 篇")
    assert archive.store.stamp.articles == before + 1
    assert client.post("/feed/publish", json={"batch": batch, "rows": rows}).status_code == 422


@pytest.mark.parametrize("name", ["", "/", "..", "../../"])
def test_a_file_without_a_name_is_refused(reader, name):
    assert uploaded(reader, name, b"x").status_code == 400


@pytest.mark.parametrize("name", ["../../etc/01.md", "..\\..\\01.md", "/etc/01.md"])
def test_a_name_leads_nowhere_else(name):
    uploads = Uploads()
    _, path = uploads.new(name, "甲")
    assert path.name == "01.md"
    assert path.parent.parent == uploads.folder


def test_uploads_are_their_senders_and_do_not_stay():
    uploads = Uploads()
    token, path = uploads.new("01.md", "甲")
    path.write_text(PAGE, encoding="utf-8")
    assert uploads.paths([token], "乙") == []
    uploads.delete([token], "乙")
    assert uploads.paths([token], "甲") == [path]
    uploads.delete([token], "甲")
    assert not path.exists()


def test_a_body_that_is_too_large_is_refused_and_not_kept(reader):
    reply = uploaded(reader, "huge.md", b"x" * (33 << 20))
    assert reply.status_code == 413
    assert "超过 32 MB" in reply.json()["error"]


def test_another_sites_page_cannot_upload(reader):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert reader.post("/feed/files?name=a.md", content=b"x", headers=foreign).status_code == 403
