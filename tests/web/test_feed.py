import zipfile

import pytest

from index.errors import BaowenError
from rag.web.feed import Feed, as_rows, corrected
from rag.web.text import TEXT

PAGE = "# 新馆开门\n\n本报讯（记者 甲乙）海边图书馆开门迎客。\n"
ZH = TEXT["zh"]


@pytest.fixture
def feed(archive, archive_folder, embedder, settings, tmp_path):
    return Feed(tmp_path / "added", archive_folder, embedder, settings)


@pytest.fixture
def found(feed, tmp_path):
    (tmp_path / "01.md").write_text(PAGE, encoding="utf-8")
    return feed.recognise([tmp_path / "01.md"], ZH)


def test_an_issue_is_recognised_corrected_and_published(feed, archive, found):
    rows = as_rows(found.articles)
    assert rows[0][:2] == [True, "新馆开门"]
    rows[0][4:6] = ["2025-04-19", "1"]
    before = archive.store.stamp.articles
    feed.publish(corrected(found.articles, rows, ZH))
    assert archive.store.stamp.articles == before + 1
    newest = archive.articles(1)[0]
    assert (newest.title, newest.date, newest.page, newest.reporters) == ("新馆开门", "2025-04-19", 1, ("甲乙",))


def test_what_is_unticked_is_not_published(found):
    rows = as_rows(found.articles)
    rows[0][0] = False
    assert corrected(found.articles, rows, ZH) == []


@pytest.mark.parametrize(("column", "value"), [(4, "昨天"), (5, "头版")])
def test_a_wrong_correction_names_its_row(found, column, value):
    rows = as_rows(found.articles)
    rows[0][column] = value
    with pytest.raises(BaowenError, match=f"第 1 行的.*{value}"):
        corrected(found.articles, rows, ZH)


def test_a_build_that_fails_keeps_nothing(feed, found, monkeypatch):
    def fail(*_, **__):
        raise BaowenError("disk full")

    monkeypatch.setattr("rag.web.feed.build", fail)
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
