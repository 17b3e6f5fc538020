import hashlib
import io
import json
import os
import random
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing, suppress
from pathlib import Path

import pytest
import zstandard
from PIL import Image

from index.build import build, remove
from index.config import PassageSettings
from index.errors import BaowenError
from index.overlay.log import Overlay
from index.packing import Manifest, pack, unpack
from index.packing.container import DamagedPackError
from index.packing.progress import Progress
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder, files_of, write_checksums
from index.storage.store import READ_FORMATS, Filter

from ..conftest import ROOT

RELEASED = Path(__file__).parent / "archives"

PLAIN = {"created": "2025-01-01", "snapshot": "000001", "articles": 1, "passages": 1}


@pytest.fixture
def packed(archive_folder, tmp_path):
    target = tmp_path / "江州.baowen"
    pack(archive_folder, target)
    return target


def contents(folder):
    snapshot = ArchiveFolder(folder).require_current()
    return {name: (snapshot / name).read_bytes() for name in files_of(snapshot)}


def made(path, members, manifest=None, after=b""):
    """A pack whose members are given: (name or TarInfo, bytes); the manifest fits them unless given."""
    if manifest is None:
        manifest = Manifest(**PLAIN, files={name: len(data) for name, data in members}).model_dump()
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, data in [("baowen.json", json.dumps(manifest).encode()), *members]:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(zstandard.compress(raw.getvalue()) + after)
    return path


def summed(path, members):
    """A pack of those members with the checksums that it needs."""
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in members)
    files = {name: len(data) for name, data in members}
    manifest = Manifest(**PLAIN, files=files).model_dump()
    return made(path, [*members, ("SHA256SUMS", sums.encode())], manifest)


def refused(file, tmp_path, match):
    with pytest.raises(BaowenError, match=match):
        unpack(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_archive_comes_back_as_it_was(archive_folder, packed, tmp_path):
    restored = unpack(packed, tmp_path / "deep" / "restored")
    assert (restored.articles, restored.snapshot, restored.left) == (26, "000001", ())
    assert contents(tmp_path / "deep" / "restored") == contents(archive_folder)
    assert packed.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob("*.partial")) == []


def test_ordinary_tools_read_it_too(packed):
    with tarfile.open(fileobj=io.BytesIO(zstandard.ZstdDecompressor().stream_reader(packed.open("rb")).read())) as tar:
        names = tar.getnames()
        sums = tar.extractfile("SHA256SUMS").read().decode()
    assert (names[0], names[-1]) == ("baowen.json", "SHA256SUMS")
    assert len(sums.splitlines()) == len(names) - 2


def test_an_archive_is_replaced_only_when_asked_and_can_be_rolled_back(archive_folder, packed, embedder, tmp_path):
    whole = contents(archive_folder)
    remove(["issues/2025-04-18/03.md#2"], archive_folder, embedder, PassageSettings())
    with pytest.raises(BaowenError, match="--replace"):
        unpack(packed, archive_folder)
    unpack(packed, archive_folder, replace=True)
    assert contents(archive_folder) == whole
    ArchiveFolder(archive_folder).rollback()
    assert contents(archive_folder) != whole


def test_other_files_are_restored_where_asked_and_never_over_one(archive_folder, tmp_path):
    (tmp_path / "p.txt").write_text("甲:x")
    file = tmp_path / "a.baowen"
    pack(archive_folder, file, {"passwords.txt": tmp_path / "p.txt"})
    assert unpack(file, tmp_path / "one").left == ("passwords.txt",)
    unpack(file, tmp_path / "two", {"passwords.txt": tmp_path / "back.txt"})
    assert (tmp_path / "back.txt").read_text() == "甲:x"
    (tmp_path / "back.txt").write_text("乙:y")
    with pytest.raises(BaowenError, match="已经存在"):
        unpack(file, tmp_path / "three", {"passwords.txt": tmp_path / "back.txt"})
    with pytest.raises(BaowenError, match=r"没有 history\.sqlite"):
        unpack(file, tmp_path / "three", {"history.sqlite": tmp_path / "h"})
    assert not (tmp_path / "three").exists()


def test_corrections_go_with_an_archive_and_stay_where_there_are_some(archive_folder, embedder, tmp_path):
    Overlay(archive_folder).add("王芳", "hidden", kind="person", name="某君")
    file = tmp_path / "a.baowen"
    pack(archive_folder, file)
    unpack(file, tmp_path / "out")
    assert [(edit.who, edit.details["name"]) for edit in Overlay(tmp_path / "out").edits()] == [("王芳", "某君")]
    Overlay(tmp_path / "out").add("李敏", "hidden", kind="person", name="别人")
    assert unpack(file, tmp_path / "out", replace=True).left == ("overlay.sqlite",)
    assert [edit.who for edit in Overlay(tmp_path / "out").edits()] == ["王芳", "李敏"]


def test_pictures_of_pages_go_along_when_asked(tmp_path, embedder):
    (tmp_path / "issue").mkdir()
    (tmp_path / "issue" / "01.md").write_text("# 新桥通车\n\n本报讯 江州新桥今日通车。\n", encoding="utf-8")
    Image.new("RGB", (600, 800), "white").save(tmp_path / "issue" / "01.png")
    build([tmp_path / "issue"], tmp_path / "archive", embedder, PassageSettings())
    (picture,) = (tmp_path / "archive").glob("images/*/*")
    pack(tmp_path / "archive", tmp_path / "without.baowen")
    unpack(tmp_path / "without.baowen", tmp_path / "one")
    assert not (tmp_path / "one" / "images").exists()
    pack(tmp_path / "archive", tmp_path / "with.baowen", images=True)
    unpack(tmp_path / "with.baowen", tmp_path / "two")
    (restored,) = (tmp_path / "two").glob("images/*/*")
    assert (restored.name, restored.read_bytes()) == (picture.name, picture.read_bytes())
    assert contents(tmp_path / "two") == contents(tmp_path / "archive")


def test_a_picture_that_is_not_what_it_is_called_is_refused(archive_folder, tmp_path):
    snapshot = contents(archive_folder)
    members = [(f"archive/{name}", data) for name, data in snapshot.items()]
    name = f"images/00/{'0' * 64}.webp"
    refused(summed(tmp_path / "x.baowen", [*members, (name, b"picture")]), tmp_path, "内容与名字不符")


def test_an_overlay_that_is_no_plain_database_is_refused(archive_folder, tmp_path):
    with closing(sqlite3.connect(archive_folder / "overlay.sqlite")) as database:
        database.execute("CREATE VIEW evil AS SELECT 1")
    pack(archive_folder, tmp_path / "a.baowen")
    refused(tmp_path / "a.baowen", tmp_path, "view evil")


def test_only_the_last_copies_are_kept_and_nothing_else_is_touched(archive_folder, tmp_path, monkeypatch):
    (tmp_path / "copies").mkdir()
    for name in (
        "报-20200101T000000Z.baowen",
        "报-20210101T000000Z.baowen",
        "报-mine.baowen",
        "别-20200101T000000Z.baowen",
    ):
        (tmp_path / "copies" / name).write_text("old")
    written = pack(archive_folder, tmp_path / "copies" / "报.baowen", keep=2)
    assert [path.rsplit("/")[-1] for path in written.removed] == ["报-20200101T000000Z.baowen"]
    names = {path.name for path in (tmp_path / "copies").iterdir()}
    assert names >= {"报-20210101T000000Z.baowen", "报-mine.baowen", "别-20200101T000000Z.baowen"}
    assert len(names) == 4


def test_a_damaged_archive_is_not_packed(archive_folder, tmp_path):
    rows = ArchiveFolder(archive_folder).require_current() / "vectors.f16"
    data = bytearray(rows.read_bytes())
    data[100] ^= 1
    rows.write_bytes(data)
    with pytest.raises(BaowenError, match="已损坏，没有备份"):
        pack(archive_folder, tmp_path / "a.baowen")
    assert list(tmp_path.glob("a.baowen*")) == []


class Killed(BaseException):
    """As by Ctrl-C or SIGKILL: nothing is tidied up."""


@pytest.mark.parametrize("keep", [0, 3])
def test_a_killed_run_is_gone_on_with(keep, archive_folder, tmp_path, monkeypatch):
    """Killed after each of its records in turn, and gone on with each time, it is the pack of one run."""
    monkeypatch.setattr("index.packing.container._STRETCH", 4000)
    save, records, opened = Progress.save, [], []

    def killed(self, *arguments):
        save(self, *arguments)
        records.append(self.path.read_bytes())
        raise Killed

    monkeypatch.setattr(Progress, "save", killed)
    target, runs = tmp_path / "a.baowen", 0
    while not opened:
        runs += 1
        assert list(tmp_path.glob("a*.baowen")) == []
        try:
            pack(archive_folder, target, keep=keep)
        except Killed:
            assert (tmp_path / "a.baowen.partial").exists()
        opened = list(tmp_path.glob("a*.baowen"))
        assert runs < 500
    assert runs > len(contents(archive_folder)) + 10, "long files are gone on with inside"
    assert len(set(records)) == len(records)
    assert list(tmp_path.glob("*.partial*")) == []
    unpack(opened[0], tmp_path / "out")
    assert contents(tmp_path / "out") == contents(archive_folder)


def test_what_was_written_of_another_snapshot_or_lost_is_not_gone_on_with(
    archive_folder, tmp_path, monkeypatch, embedder
):
    save, target = Progress.save, tmp_path / "a.baowen"

    def killed(self, file, manifest, done, part=0):
        save(self, file, manifest, done, part)
        if len(done) >= 2:
            raise Killed

    monkeypatch.setattr("index.packing.container._STRETCH", 4000)
    for harm in ("cut", "record", "snapshot"):
        monkeypatch.setattr(Progress, "save", killed)
        with pytest.raises(Killed):
            pack(archive_folder, target)
        monkeypatch.setattr(Progress, "save", save)
        record, partial = tmp_path / "a.baowen.partial.json", tmp_path / "a.baowen.partial"
        if harm == "cut":
            partial.write_bytes(partial.read_bytes()[:-10])
        elif harm == "record":
            record.write_text("{")
        else:
            remove(["issues/2025-04-18/03.md#2"], archive_folder, embedder, PassageSettings())
        pack(archive_folder, target)
        unpack(target, tmp_path / harm)
        assert contents(tmp_path / harm) == contents(archive_folder)
        assert list(tmp_path.glob("*.partial*")) == []
        target.unlink()


def test_a_full_disk_leaves_no_file(archive_folder, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BaowenError, match="No space left"):
        pack(archive_folder, tmp_path / "a.baowen")
    assert list(tmp_path.glob("a.baowen*")) == []


def everything(*folders):
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def laden(tmp_path, embedder):
    """A pack with pictures, corrections, a history and passwords."""
    (tmp_path / "issue").mkdir()
    (tmp_path / "issue" / "01.md").write_text("# 新桥通车\n\n本报讯 江州新桥今日通车。\n", encoding="utf-8")
    Image.new("RGB", (600, 800), "white").save(tmp_path / "issue" / "01.png")
    build([tmp_path / "issue"], tmp_path / "source", embedder, PassageSettings())
    Overlay(tmp_path / "source").add("王芳", "hidden", kind="person", name="某君")
    (tmp_path / "p.txt").write_text("甲:x")
    with closing(sqlite3.connect(tmp_path / "h.sqlite")) as history:
        history.execute("CREATE TABLE turns (id)")
    extras = {"passwords.txt": tmp_path / "p.txt", "history.sqlite": tmp_path / "h.sqlite"}
    pack(tmp_path / "source", tmp_path / "laden.baowen", extras, images=True)
    return tmp_path / "laden.baowen"


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.rename", "pathlib.Path.replace", "pathlib.Path.write_text"])
@pytest.mark.parametrize("replace", [True, False])
def test_a_full_disk_at_any_moment_leaves_the_archive_and_all_beside_it_as_they_were(
    call, replace, laden, archive_folder, tmp_path, monkeypatch
):
    target, beside = archive_folder if replace else tmp_path / "new", tmp_path / "beside"
    beside.mkdir()
    (archive_folder / "writer.lock").touch()
    extras = {"passwords.txt": beside / "p.txt", "history.sqlite": beside / "deep" / "h.sqlite"}
    owner, _, name = call.rpartition(".")
    original = getattr(os if owner == "os" else Path, name)
    before = everything(archive_folder, beside)
    for moment in range(200):
        left = [moment]

        def full(*arguments, left=left, **options):
            left[0] -= 1
            if left[0] == -1:
                raise OSError(28, "No space left on device")
            return original(*arguments, **options)

        with monkeypatch.context() as failing:
            failing.setattr(call, full)
            with suppress(BaowenError):
                unpack(laden, target, extras, replace=replace)
                break
        after = everything(archive_folder, beside)
        after.pop(archive_folder / "writer.txt", None)
        assert after == {path: data for path, data in before.items() if path.name != "writer.txt"}, moment
        assert replace or not target.exists()
    assert moment >= 1
    assert {path.name for path in everything(beside)} == {"p.txt", "h.sqlite"}
    assert [edit.who for edit in Overlay(target).edits()] == ["王芳"]
    assert len(list(target.glob("images/*/*"))) == 1
    if replace:
        assert ArchiveFolder(target).rollback().name == "000001"


def test_damage_anywhere_is_refused_or_harmless(archive_folder, packed, tmp_path):
    whole, wanted = packed.read_bytes(), contents(archive_folder)
    places, refusals = random.Random(3), 0
    for number in range(20):
        data = bytearray(whole)
        place = places.randrange(len(data))
        if number % 4 == 3:
            del data[place:]
        else:
            data[place] ^= 1 << places.randrange(8)
        packed.write_bytes(data)
        out = tmp_path / f"out{number}"
        try:
            unpack(packed, out)
        except BaowenError:
            refusals += 1
            assert not out.exists()
        else:
            assert contents(out) == wanted
    assert refusals >= 19


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "archive/../../evil",
        "/etc/evil",
        "archive/a\\b",
        "archive/",
        "archive/.",
        "C:evil",
        "evil",
        "SHA256SUMS",
        "images/evil.webp",
        f"images/11/{'0' * 64}.webp",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name, tmp_path):
    manifest = PLAIN | {"format": 1, "files": {"archive/a": 1, name: 1}}
    refused(made(tmp_path / "x.baowen", [("archive/a", b"1"), (name, b"1")], manifest), tmp_path, "file name")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_devices_and_folders_are_refused(kind, tmp_path):
    link = tarfile.TarInfo("archive/a")
    link.type, link.linkname = kind, "/etc/passwd"
    manifest = PLAIN | {"format": 1, "files": {"archive/a": 0}}
    refused(made(tmp_path / "x.baowen", [(link, b"")], manifest), tmp_path, "no plain file")


def test_bombs_are_refused_before_anything_is_written(tmp_path):
    manifest = PLAIN | {"format": 1, "files": {"archive/a": 1 << 40}}
    refused(made(tmp_path / "x.baowen", [("archive/a", b"")], manifest), tmp_path, "grows too much")
    longest = tarfile.TarInfo("baowen.json")
    longest.size = 1 << 40
    (tmp_path / "y.baowen").write_bytes(zstandard.compress(longest.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 24)))
    refused(tmp_path / "y.baowen", tmp_path, "bytes")


def test_too_little_disk_is_said_before_anything_is_written(packed, tmp_path, monkeypatch):
    monkeypatch.setattr("index.packing.restoring.free_bytes", lambda folder: 65 << 20)
    monkeypatch.setattr("index.packing.manifest.Manifest.size", property(lambda self: 2 << 20))
    refused(packed, tmp_path, "磁盘空间不够")


def test_what_is_not_on_the_list_is_refused(tmp_path):
    manifest = PLAIN | {"format": 1, "files": {"archive/a": 1}}
    for members, match in (
        ([("archive/b", b"1")], "not archive/a next"),
        ([("archive/a", b"12")], "not archive/a next"),
        ([("archive/a", b"1"), ("archive/a", b"1")], "no SHA256SUMS"),
        ([("archive/a", b"1"), ("SHA256SUMS", b"0  archive/a\n")], "differ"),
    ):
        refused(made(tmp_path / "x.baowen", members, manifest), tmp_path, match)


def test_more_after_the_end_is_refused(packed, tmp_path):
    whole = packed.read_bytes()
    for more in (b"tail", zstandard.compress(b"tail"), zstandard.compress(bytes(9 << 20))):
        packed.write_bytes(whole + more)
        refused(packed, tmp_path, "已损坏")


def test_other_files_and_later_formats_are_named_as_such(tmp_path):
    (tmp_path / "x.baowen").write_text("not a pack")
    refused(tmp_path / "x.baowen", tmp_path, "not a pack")
    refused(tmp_path / "none.baowen", tmp_path, "无法读取备份")
    later = PLAIN | {"format": 9, "program": "9.9", "files": {"archive/a": 1}}
    refused(made(tmp_path / "x.baowen", [("archive/a", b"1")], later), tmp_path, r"格式 9 .* 9\.9")


def test_a_database_with_what_runs_when_it_is_read_is_refused(archive_folder, packed, tmp_path):
    snapshot = ArchiveFolder(archive_folder).require_current()
    with sqlite3.connect(snapshot / "archive.sqlite") as database:
        database.execute("CREATE VIEW evil AS SELECT load_extension('x')")
    write_checksums(snapshot)
    pack(archive_folder, packed)
    with pytest.raises(DamagedPackError, match="view evil"):
        unpack(packed, tmp_path / "out")


def test_a_snapshots_list_that_names_other_files_is_refused(archive_folder, packed, tmp_path):
    snapshot = ArchiveFolder(archive_folder).require_current()
    record = json.loads((snapshot / "checksums.json").read_text())
    (snapshot / "checksums.json").write_text(json.dumps(record | {"/dev/zero": [0, 0]}))
    pack(archive_folder, packed)
    with pytest.raises(DamagedPackError, match="snapshot lists"):
        unpack(packed, tmp_path / "out")


@pytest.mark.parametrize("kind", ["pack", "unpack"])
def test_killed_at_any_moment_it_leaves_nothing_or_the_whole(kind, archive_folder, packed, tmp_path):
    (tmp_path / "killed").mkdir()
    command = [sys.executable, "-m", "tests.packing.killer", kind, "8", archive_folder, packed, tmp_path / "killed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert set(found["seen"]) <= {"nothing", "whole"}
    assert "nothing" in found["seen"]
    assert found["leftovers"] == []


@pytest.mark.parametrize("number", READ_FORMATS)
def test_archives_of_every_released_format_can_be_restored(number, tmp_path):
    restored = unpack(RELEASED / f"format-{number}.baowen", tmp_path / "out")
    store = LocalStore(ArchiveFolder(tmp_path / "out").require_current())
    assert store.stamp.format == number
    assert restored.articles == len(store.articles(10)) == 3
    assert store.catalogue.article("2").body.startswith("今年江州老城加装电梯86部")
    assert store.lexical(["渔港"], 3, Filter())[0].number in {
        hit.number for hit in store.lexical(["卸鱼"], 3, Filter())
    }
