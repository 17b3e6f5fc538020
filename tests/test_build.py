import contextlib
import itertools
import json
import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from index import maintenance
from index.build import build, remove
from index.config import PassageSettings
from index.errors import BaowenError
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder, files_of, write_checksums
from index.storage.store import Filter
from index.watching import watch
from rag import Archive
from rag.evaluation.runner import Question, hit5_gate

from .conftest import ISSUES, FakeEmbedder

SETTINGS = PassageSettings()


def write(folder, name, title, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {title}\n\n本报讯（记者 甲乙）{text}\n", encoding="utf-8")
    return path


def titles(archive):
    return {a.title for a in LocalStore(ArchiveFolder(archive).require_current()).articles(100)}


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "pages"
    write(folder, "2024-07-30/01.md", "甲事", "甲地发生一件事。")
    write(folder, "2024-07-31/01.md", "乙事", "乙地发生一件事。")
    return folder


def test_building_twice_does_nothing_the_second_time(pages, tmp_path, embedder):
    first = build([pages], tmp_path / "a", embedder, SETTINGS)
    embedder.calls.clear()
    second = build([pages], tmp_path / "a", embedder, SETTINGS)
    assert (first.added, first.articles) == (2, 2)
    assert (second.added, second.changed, second.removed, second.unchanged) == (0, 0, 0, 2)
    assert embedder.calls == []
    assert len(ArchiveFolder(tmp_path / "a").published()) == 1


def test_only_what_changed_is_embedded_again(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    embedder.calls.clear()
    write(pages, "2024-07-31/01.md", "丙事", "丙地发生一件事。")
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    assert (report.changed, report.unchanged) == (1, 1)
    assert embedder.embedded == ["丙事\n丙地发生一件事。"]
    assert titles(tmp_path / "a") == {"甲事", "丙事"}


def test_a_deleted_file_leaves_both_legs(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    (pages / "2024-07-31/01.md").unlink()
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    store = LocalStore(ArchiveFolder(tmp_path / "a").require_current())
    assert report.removed == 1
    assert [len(hits) for hits in store.dense(embedder.encode(["乙"]), 5, Filter())] == [1]
    assert store.lexical(["乙"], 5, Filter()) == []


def test_a_renamed_file_is_not_embedded_again(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    embedder.calls.clear()
    (pages / "2024-07-31").rename(pages / "2024-08-01")
    build([pages], tmp_path / "a", embedder, SETTINGS)
    assert embedder.calls == []


def test_add_removes_nothing(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    other = write(tmp_path / "other", "2024-08-02/01.md", "丁事", "丁地发生一件事。")
    report = build([other], tmp_path / "a", embedder, SETTINGS, keep_others=True)
    assert (report.added, report.removed) == (1, 0)
    assert titles(tmp_path / "a") == {"甲事", "乙事", "丁事"}


def test_remove_by_id_and_an_unknown_id_removes_nothing(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    with pytest.raises(BaowenError, match="没有文章 '没有的'"):
        remove(["pages/2024-07-30/01.md#1", "没有的"], tmp_path / "a", embedder, SETTINGS)
    assert titles(tmp_path / "a") == {"甲事", "乙事"}
    remove(["pages/2024-07-30/01.md#1"], tmp_path / "a", embedder, SETTINGS)
    assert titles(tmp_path / "a") == {"乙事"}
    build([pages], tmp_path / "a", embedder, SETTINGS)
    assert titles(tmp_path / "a") == {"甲事", "乙事"}


def test_an_interrupted_build_goes_on_from_its_embeddings(pages, tmp_path, embedder, monkeypatch):
    def die(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(ArchiveFolder, "publish", die)
    with pytest.raises(KeyboardInterrupt):
        build([pages], tmp_path / "a", embedder, SETTINGS)
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    embedder.calls.clear()
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    assert report.articles == 2
    assert embedder.calls == []


def test_another_embedder_is_refused_with_the_rebuild_command(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    with pytest.raises(BaowenError, match=r"fake.*other.*baowen build"):
        build([pages], tmp_path / "a", FakeEmbedder("other"), SETTINGS)


def test_a_second_writer_is_told_who_writes(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    with FileLock(tmp_path / "a" / "writer.lock"), pytest.raises(BaowenError, match=r"正在被写入.*进程"):
        build([pages], tmp_path / "a", embedder, SETTINGS)


def test_a_folder_with_other_things_in_it_is_left_alone(pages, tmp_path, embedder):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("亲爱的")
    with pytest.raises(BaowenError, match="里有别的文件"):
        build([pages], tmp_path / "mine", embedder, SETTINGS)
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_bad_files_are_named_and_skipped_and_the_rest_goes_on(pages, tmp_path, embedder):
    (pages / "empty.md").write_text("")
    (pages / "binary.md").write_bytes(b"\x00\x01\x02\xff" * 100)
    (pages / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (pages / "broken.docx").write_bytes(b"PK nothing")
    (pages / "bad.jsonl").write_text('{"id": 1}\n')
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    assert report.failed == 5
    assert report.articles == 2
    for name in ("empty.md", "binary.md", "broken.pdf", "broken.docx", "bad.jsonl"):
        assert sum(name in problem for problem in report.problems) == 1


def test_an_unreadable_file_is_named_and_the_rest_goes_on(pages, tmp_path, embedder, monkeypatch):
    read_bytes = Path.read_bytes

    def refused(path):
        if path.parent.name == "2024-07-31":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    report = build([pages], tmp_path / "a", embedder, SETTINGS)
    assert (report.failed, report.articles) == (1, 1)
    assert "2024-07-31" in report.problems[0]
    assert "Permission denied" in report.problems[0]


def test_a_gb18030_file_is_read(tmp_path, embedder):
    text = "# 国标码也能读\n\n本报讯（记者 钱多多）这一页是用国标编码保存的，里面写着镕字和喆字，还有许多别的汉字。\n"
    (tmp_path / "gb.txt").write_bytes(text.encode("gb18030"))
    build([tmp_path / "gb.txt"], tmp_path / "a", embedder, SETTINGS)
    article = LocalStore(ArchiveFolder(tmp_path / "a").require_current()).articles(1)[0]
    assert article.title == "国标码也能读"
    assert "镕字和喆字" in article.body


def test_a_five_megabyte_line_is_built(tmp_path, embedder):
    (tmp_path / "long.txt").write_text("第一句话。" * 333_333, encoding="utf-8")
    report = build([tmp_path / "long.txt"], tmp_path / "a", embedder, SETTINGS)
    assert report.failed == 0
    assert report.passages > 6000


def test_nothing_to_read_is_an_error(tmp_path, embedder):
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "a.xyz").write_text("x")
    with pytest.raises(BaowenError, match="没有可读的文件"):
        build([tmp_path / "none"], tmp_path / "a", embedder, SETTINGS)
    with pytest.raises(BaowenError, match="没有这个文件"):
        build([tmp_path / "missing"], tmp_path / "a", embedder, SETTINGS)


def test_rollback_returns_to_the_snapshot_before(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    write(pages, "2024-07-31/01.md", "丙事", "丙地发生一件事。")
    build([pages], tmp_path / "a", embedder, SETTINGS)
    ArchiveFolder(tmp_path / "a").rollback()
    assert titles(tmp_path / "a") == {"甲事", "乙事"}
    with pytest.raises(BaowenError, match="没有更早的完好快照"):
        ArchiveFolder(tmp_path / "a").rollback()


def test_verify_finds_a_passage_that_was_moved(archive_folder, embedder):
    assert maintenance.verify(archive_folder, embedder)["articles"] == 26
    database = sqlite3.connect(ArchiveFolder(archive_folder).require_current() / "archive.sqlite")
    database.execute("UPDATE passages SET end = end + 100000 WHERE number = 3")
    database.commit()
    write_checksums(ArchiveFolder(archive_folder).require_current())
    with pytest.raises(BaowenError, match="第 3 段越出"):
        maintenance.verify(archive_folder, embedder)


def test_jsonl_articles_keep_their_ids_and_duplicates_are_named(tmp_path, embedder):
    records = [{"id": "x1", "title": "甲", "date": "2024-07-30", "text": "甲文。"}, {"id": "x1", "text": "又一篇。"}]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    report = build([path], tmp_path / "a", embedder, SETTINGS)
    assert report.articles == 1
    assert "x1" in report.problems[0]


def test_the_sample_issue_has_its_parts(archive_folder):
    articles = {a.title: a for a in LocalStore(ArchiveFolder(archive_folder).require_current()).articles(100)}
    lead = articles["江州三年培育高技能人才一万二千名"]
    assert len(articles) == 26
    assert lead.pages == (1, 3)
    assert lead.kicker == "全市产业工人队伍建设推进会召开"
    assert (lead.date, lead.paper) == ("2025-04-18", "江州劳动报")
    assert lead.reporters == ("林砚秋",)
    assert lead.correspondents == ("顾小满",)
    assert lead.photographers == ("苏以宁",)
    assert "把一条分段的平均返工时间" in lead.body.split("\n")[3]
    assert "法律援助案件 | 428件 | 增长12%" in articles["一季度全市工会服务一览"].paragraphs
    assert ISSUES.is_dir()


# Damage


def damaged_copies(archive, folder):
    """The archive again and again, each time with one file of its newest snapshot truncated or with a flipped bit."""
    newest = ArchiveFolder(archive).published()[-1].name
    names = files_of(archive / "snapshots" / newest)
    for number, (name, flip) in enumerate(itertools.product([*names, "CURRENT"], (True, False))):
        copy = folder / f"damaged-{number}"
        shutil.copytree(archive, copy)
        path = copy / name if name == "CURRENT" else copy / "snapshots" / newest / name
        data = bytearray(path.read_bytes())
        if flip:
            data[len(data) // 2] ^= 0x40
        path.write_bytes(data if flip else data[: len(data) // 2])
        yield copy


def test_a_damaged_snapshot_falls_back_to_the_one_before(pages, tmp_path, embedder, settings, caplog):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    write(pages, "2024-08-01/01.md", "新事", "新地发生一件事。")
    build([pages], tmp_path / "a", embedder, SETTINGS)
    fell_back = 0
    newest = ArchiveFolder(tmp_path / "a").require_current()
    for copy in damaged_copies(tmp_path / "a", tmp_path):
        caplog.clear()
        archive = Archive.open(copy, settings)
        archive.embedder = embedder
        found = {passage.article.title for passage in archive.retrieve("一件事", k=10)}
        assert found in ({"甲事", "乙事"}, {"甲事", "乙事", "新事"})
        assert caplog.messages
        fell_back += "新事" not in found
    assert fell_back == 2 * len(files_of(newest))


def test_a_damaged_journal_is_started_over(pages, tmp_path, embedder):
    (tmp_path / "a" / "snapshots").mkdir(parents=True)
    (tmp_path / "a" / "journal.sqlite").write_bytes(b"no database at all" * 100)
    assert build([pages], tmp_path / "a", embedder, SETTINGS).articles == 2


def test_old_snapshots_are_removed_but_not_while_somebody_reads_them(pages, tmp_path, embedder):
    build([pages], tmp_path / "a", embedder, SETTINGS)
    folder = ArchiveFolder(tmp_path / "a")
    reader = LocalStore(folder.require_current())
    for number in range(5):
        write(pages, "2024-08-01/01.md", f"新事{number}", "新地发生一件事。")
        build([pages], tmp_path / "a", embedder, SETTINGS)
    names = [path.name for path in folder.published()]
    assert names == ["000001", "000004", "000005", "000006"]
    assert {article.title for article in reader.articles(9)} == {"甲事", "乙事"}
    del reader
    write(pages, "2024-08-01/01.md", "新事", "新地发生一件事。")
    build([pages], tmp_path / "a", embedder, SETTINGS)
    assert [path.name for path in folder.published()] == ["000005", "000006", "000007"]


def test_the_gate_keeps_the_old_state_and_names_what_was_lost(pages, tmp_path, embedder, settings):
    questions = [Question("甲地发生", (("甲地",),)), Question("乙地发生", (("乙地",),))]
    gate = hit5_gate(questions, embedder, settings, 0.9)
    build([pages], tmp_path / "a", embedder, SETTINGS, gate=gate)
    (pages / "2024-07-31/01.md").unlink()
    with pytest.raises(BaowenError, match=r"没有发布.*hit@5 0.500.*乙地发生"):
        build([pages], tmp_path / "a", embedder, SETTINGS, gate=gate)
    assert titles(tmp_path / "a") == {"甲事", "乙事"}


def test_watching_adds_what_arrives_and_survives_bad_files(pages, tmp_path, embedder):
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=([pages], tmp_path / "a", embedder, SETTINGS, stop))
    watcher.start()
    try:
        wait_for(lambda: titles(tmp_path / "a") == {"甲事", "乙事"})
        time.sleep(1)
        (pages / "bad.md").write_bytes(b"\x00\x01\xff" * 50)
        write(pages, "2024-08-01/01.md", "丙事", "丙地发生一件事。")
        wait_for(lambda: titles(tmp_path / "a") == {"甲事", "乙事", "丙事"})
    finally:
        stop.set()
        watcher.join(10)


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(BaowenError):
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")
