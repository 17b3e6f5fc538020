"""A page is one page, whatever command, folder and name it comes by; what is not that page is left alone."""

import os
import sqlite3
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from index.build import build, remove
from index.config import PassageSettings, Settings
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder, write_checksums
from index.watching import watch
from rag import Archive

from ..conftest import FakeEmbedder

SETTINGS = PassageSettings()


@pytest.fixture(autouse=True)
def unsynced(monkeypatch):
    """Most of the time of a small build goes into waiting for the disk."""
    monkeypatch.setattr("index.storage.snapshots.fsync", lambda path: None)


TITLE = "青石桥封闭检修"
DAY = "2031-03-04"


BERRIES = (
    "# 蓝莓丰收\n\n本报讯（记者 贺知秋）后山的蓝莓今年收成三百二十亩，合作社说比去年早熟了一周，价钱也好，"
    "城里的水果店纷纷上门订货。\n"
)


def page(days, title=TITLE, paper="江州晨报", number=1):
    return (
        f"{paper} {DAY} 第{number}版\n\n# {title}\n\n本报讯（记者 沈南乔）青石桥自本周起封闭检修{days}天，"
        "两岸居民可乘摆渡车过江，公交12路绕行北桥，管理处请市民提前安排出行时间。\n\n"
        + (BERRIES if number == 1 else "")
    )


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def articles(archive):
    return LocalStore(ArchiveFolder(archive).require_current()).articles(100)


def bodies(archive, title=TITLE):
    return [article.body for article in articles(archive) if article.title == title]


def forget_places(archive):
    """Make the archive one that was built before it recorded where files lie."""
    current = ArchiveFolder(archive).require_current()
    database = sqlite3.connect(current / "archive.sqlite")
    database.executescript("DROP TABLE places; DROP TABLE problems; DROP TABLE superseded;")
    database.close()
    write_checksums(current)


class World:
    """A folder of issues, a folder of corrections, an archive of both; and what the archive should say."""

    def __init__(self, folder):
        self.folder = folder
        self.archive = folder / "archive"
        self.embedder = FakeEmbedder()
        self.days = self.here = 45  # the last figure, and that on the page in the issue
        self.root, self.date_folder, self.name = "issues", DAY, "01.md"
        write(self.page, page(self.days))
        write(self.page.with_name("02.md"), page(77, "环岛夜班船增开", number=2))
        write(folder / "issues/江州夜报 2031-03-04/01.md", page(45, paper="江州夜报"))
        write(folder / "issues/2031-03-05/01.md", page(45, paper="江州晨报").replace(DAY, "2031-03-05"))
        self.said = None  # of the page in the archive: its days
        self.clock = 0
        self.added = {}  # where a text of the page lies -> (its days, when these were added)
        self.build()

    @property
    def page(self):
        return self.folder / self.root / self.date_folder / self.name

    @property
    def fix(self):
        return self.folder / "fix" / DAY / "01.md"

    def _update(self, *paths, keep_others=True):
        self.clock += 1
        build([Path(path) for path in paths], self.archive, self.embedder, SETTINGS, keep_others=keep_others)

    def _came(self, place, days):
        if self.added.get(place, (None,))[0] != days:
            self.added[place] = (days, self.clock)
        self.said = max(self.added.values(), key=lambda value: value[1])[0]

    def _page_came(self):
        self._came("issues", self.here)

    # What a newsroom does

    def build(self):
        self._update(self.folder / self.root, keep_others=False)
        self.added.pop("fix", None)
        self._page_came()

    def build_from_inside(self):
        os.chdir(self.folder / self.root)
        self._update(".", keep_others=False)
        self.added.pop("fix", None)
        self._page_came()

    def add_file(self):
        self._update(self.page)
        self._page_came()

    def add_file_from_its_folder(self):
        os.chdir(self.page.parent)
        self._update(self.name)
        self._page_came()

    def add_folder(self):
        os.chdir(self.folder / self.root)
        self._update(self.date_folder)
        self._page_came()

    def add_root_through_a_link(self):
        link = self.folder / "link"
        link.unlink(missing_ok=True)
        link.symlink_to(self.root)
        self._update(link)
        self._page_came()

    def watch(self):
        self.clock += 1
        stop = threading.Event()
        stop.set()  # what is there is added, nothing is waited for
        watch([self.folder / self.root], self.archive, self.embedder, SETTINGS, stop)
        self._page_came()

    def correct(self):
        self.days = self.here = self.days + 1
        write(self.page, page(self.days))

    def correct_elsewhere(self):
        self.days += 1
        write(self.fix, page(self.days))
        self._update(self.fix)
        self._came("fix", self.days)

    def remove(self):
        for article in articles(self.archive):
            if article.title == TITLE and article.paper == "江州晨报" and article.date == DAY:
                remove([article.id], self.archive, self.embedder, SETTINGS)
        self.said = None

    def rename_page(self):
        name = "A1.md" if self.name == "01.md" else "01.md"
        self.page.rename(self.page.with_name(name))
        self.name = name

    def rename_folder(self):
        name = f"{DAY} 星期二" if self.date_folder == DAY else DAY
        self.page.parent.rename(self.page.parent.with_name(name))
        self.date_folder = name

    def rename_root(self):
        name = "news" if self.root == "issues" else "issues"
        (self.folder / self.root).rename(self.folder / name)
        self.root = name

    # What it finds

    def check(self):
        opened = Archive.open(self.archive, Settings(embedder={"model": "fake"}))
        opened.embedder = self.embedder
        found = [p.article for p in opened.retrieve(f"{TITLE}多少天", k=50, since=DAY, until=DAY, paper="江州晨报")]
        found = [article for article in found if article.title == TITLE]
        assert [f"检修{self.said}天" in article.body for article in found] == ([True] if self.said else [])
        others = {(a.paper, a.date, a.page, a.title) for a in articles(self.archive)}
        assert others - {("江州晨报", DAY, 1, TITLE)} == {
            ("江州晨报", DAY, 1, "蓝莓丰收"),
            ("江州晨报", DAY, 2, "环岛夜班船增开"),
            ("江州夜报", DAY, 1, TITLE),
            ("江州夜报", DAY, 1, "蓝莓丰收"),
            ("江州晨报", "2031-03-05", 1, TITLE),
            ("江州晨报", "2031-03-05", 1, "蓝莓丰收"),
        }
        assert len(articles(self.archive)) == 6 + bool(self.said)


CHANGES = ["correct", "remove", "rename_page", "rename_folder", "rename_root", "correct_elsewhere"]
UPDATES = [
    "build",
    "build_from_inside",
    "add_file",
    "add_file_from_its_folder",
    "add_folder",
    "add_root_through_a_link",
    "watch",
]


@settings(max_examples=20, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from(UPDATES)), min_size=1, max_size=4))
def test_in_whatever_order_a_page_is_corrected_there_is_one_article_with_the_new_text(steps):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        world = World(Path(folder).resolve())
        for change, update in steps:
            getattr(world, change)()
            if change == "correct_elsewhere":
                world.check()
            getattr(world, update)()
            world.check()


def test_an_archive_built_before_with_both_texts_keeps_the_new_one(tmp_path, monkeypatch):
    folder, archive, embedder = tmp_path / "issues", tmp_path / "archive", FakeEmbedder()
    old = write(folder / DAY / "01.md", page(45))
    write(folder / DAY / "02.md", page(77, "环岛夜班船增开", number=2))
    build([folder], archive, embedder, SETTINGS)
    forget_places(archive)
    twice = LocalStore(ArchiveFolder(archive).require_current()).folder / "archive.sqlite"
    with sqlite3.connect(twice) as database:  # as `add` of the file alone once named it
        database.execute(
            "UPDATE files SET path = replace(path, 'issues/', ''), source = replace(source, 'issues/', '')"
        )
        database.execute("UPDATE sources SET key = replace(key, 'issues/', '')")
        database.execute("UPDATE articles SET source_key = replace(source_key, 'issues/', '')")
        for column in ("id", "fields"):
            database.execute(f"UPDATE articles SET {column} = replace({column}, 'issues/', '')")
    write_checksums(twice.parent)
    monkeypatch.chdir(tmp_path)
    write(old, page(60))
    build([Path("issues")], archive, embedder, SETTINGS, keep_others=True)
    forget_places(archive)
    write(old, page(61))
    build([Path(f"issues/{DAY}/01.md")], archive, embedder, SETTINGS, keep_others=True)
    assert ["检修61天" in body for body in bodies(archive)] == [True]
    assert len(bodies(archive, "环岛夜班船增开")) == 1


def test_ids_of_a_build_stay_whatever_is_added_after_it(tmp_path):
    folder, archive, embedder = tmp_path / "issues", tmp_path / "archive", FakeEmbedder()
    file = write(folder / DAY / "01.md", page(45))
    build([file], archive, embedder, SETTINGS, keep_others=True)
    assert {a.source for a in articles(archive)} == {f"{DAY}/01.md"}
    build([folder], archive, embedder, SETTINGS)
    assert {a.source for a in articles(archive)} == {f"issues/{DAY}/01.md"}
    write(file, page(46))
    build([file], archive, embedder, SETTINGS, keep_others=True)
    assert {a.id for a in articles(archive)} == {f"issues/{DAY}/01.md#1", f"issues/{DAY}/01.md#2"}
    remove([f"{file}#1"], archive, embedder, SETTINGS)
    assert [a.title for a in articles(archive)] == ["蓝莓丰收"]


def test_folders_of_one_name_are_two_newspapers(tmp_path):
    archive, embedder = tmp_path / "archive", FakeEmbedder()
    first = write(tmp_path / "甲" / DAY / "01.md", page(45, paper="江州晨报"))
    second = write(tmp_path / "乙" / DAY / "01.md", page(45, paper="江州夜报"))
    for file in (first, second):
        build([file.parent], archive, embedder, SETTINGS, keep_others=True)
    assert {(a.paper, a.title) for a in articles(archive)} == {
        (paper, title) for paper in ("江州晨报", "江州夜报") for title in (TITLE, "蓝莓丰收")
    }
    assert len({a.id for a in articles(archive)}) == 4


def test_adding_a_page_keeps_the_pages_of_its_issue_that_are_gone_from_the_folder(tmp_path):
    folder, archive, embedder = tmp_path / "issues", tmp_path / "archive", FakeEmbedder()
    file = write(folder / DAY / "01.md", page(45))
    other = write(folder / DAY / "02.md", page(77, "环岛夜班船增开", number=2))
    build([folder], archive, embedder, SETTINGS)
    other.unlink()
    write(file, page(46))
    report = build([file], archive, embedder, SETTINGS, keep_others=True)
    assert (report.changed, report.removed) == (1, 0)
    assert ["检修46天" in body for body in bodies(archive)] == [True]
    assert len(bodies(archive, "环岛夜班船增开")) == 1


def test_an_earlier_text_comes_back_when_the_later_one_goes(tmp_path):
    folder, archive, embedder = tmp_path / "issues", tmp_path / "archive", FakeEmbedder()
    write(folder / DAY / "01.md", page(45))
    fix = write(tmp_path / "fix" / DAY / "01.md", page(46))
    build([folder], archive, embedder, SETTINGS)
    report = build([fix], archive, embedder, SETTINGS, keep_others=True)
    assert report.replaced == 2
    assert ["检修46天" in body for body in bodies(archive)] == [True]
    build([folder], archive, embedder, SETTINGS)
    assert ["检修45天" in body for body in bodies(archive)] == [True]


def test_a_record_sent_again_replaces_the_old_one_and_another_with_its_id_does_not(tmp_path):
    archive, embedder = tmp_path / "archive", FakeEmbedder()
    for name, text in (("a", "夜航增至两班，末班二十二时开。"), ("b", "夜航增至三班，末班二十三时开。")):
        write(tmp_path / f"{name}.jsonl", f'{{"id": "7", "text": "{text}"}}\n')
        report = build([tmp_path / f"{name}.jsonl"], archive, embedder, SETTINGS, keep_others=True)
    assert [a.body for a in articles(archive)] == ["夜航增至三班，末班二十三时开。"]
    assert report.problems == []
    write(tmp_path / "c.jsonl", '{"id": "7", "text": "植物园的郁金香开了。"}\n')
    report = build([tmp_path / "c.jsonl"], archive, embedder, SETTINGS, keep_others=True)
    assert [a.body for a in articles(archive)] == ["夜航增至三班，末班二十三时开。"]
    assert "编号重复" in report.problems[0]


def test_alike_notices_of_one_page_are_not_taken_for_one(tmp_path):
    archive, embedder = tmp_path / "archive", FakeEmbedder()
    head = f'"date": "{DAY}", "paper": "江州晨报", "page": 8, "title": "遗失声明"'
    notices = {"a": "向南不慎遗失居民身份证，声明作废。", "b": "白桥不慎遗失居民身份证，声明作废。"}
    for name, text in notices.items():
        write(tmp_path / f"{name}.jsonl", f'{{"id": "{name}", {head}, "text": "{text}"}}\n')
        build([tmp_path / f"{name}.jsonl"], archive, embedder, SETTINGS, keep_others=True)
    assert {a.body for a in articles(archive)} == set(notices.values())
