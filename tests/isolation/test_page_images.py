"""Pictures of pages are made in a process of its own: a bomb or a file that ends the decoder costs itself alone."""

import io
import sqlite3
import struct
import sys
import time
from contextlib import closing
from threading import Event
from zlib import crc32

import pytest
from PIL import Image

from index.article import Article
from index.build import build
from index.config import PassageSettings
from index.isolation import Limits, page_image, pictures
from index.isolation.process import Processes, ReadingProcess
from index.reading import UnreadableFileError
from index.regions import Box, Region, Sheet
from index.sources import File, Source
from index.storage.images import ImageStore
from index.storage.pages import TABLES, pictures_of
from index.updating import picturing
from index.updating.picturing import PageImages

from .test_isolation import READY

SIZE = (60, 80)


@pytest.fixture
def scan(tmp_path):
    """A TIFF of three pages, the second of which is broken."""
    path = tmp_path / "a.tif"
    first, *others = [Image.new("RGB", SIZE, (100 * number, 0, 0)) for number in range(3)]
    first.save(path, "TIFF", save_all=True, append_images=others, compression="tiff_adobe_deflate")
    with Image.open(path) as made:
        made.seek(1)
        start = made.tag_v2[273][0]  # where its dots lie
    data = bytearray(path.read_bytes())
    data[start : start + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    return path


@pytest.fixture
def bomb(tmp_path):
    """A PNG of a few kilobytes and 56 million dots."""
    path = tmp_path / "bomb.png"
    Image.new("1", (7_000, 8_000)).save(path)
    return path


def issue(path, numbers):
    """An issue of one file, with an article that stands on some of its pages."""
    regions = tuple(Region("area", Box(0, 0, 1, 1), Sheet(number=number), source=path.name) for number in numbers)
    article = Article("a", "渡口", "渡口加开夜班。", regions=regions)
    return Source("issue", [File(str(path.parent), path.name, b"", 0)]), [(1, article)]


def made(path, numbers):
    """The pages of a file whose images are recorded, in order."""
    with closing(sqlite3.connect(":memory:")) as database, PageImages(ImageStore(path.parent)) as images:
        database.executescript(TABLES)
        images.make(*issue(path, numbers))
        images.record(database)
        return [picture.sheet for picture in pictures_of(database, 1)]


def test_a_page_of_a_file_becomes_a_picture(scan):
    made = page_image(scan, 3, 40, 10_000)
    with Image.open(io.BytesIO(made.data)) as image:
        assert (image.format, image.size, (made.width, made.height)) == ("WEBP", (30, 40), (30, 40))
        assert image.getpixel((5, 5))[0] == pytest.approx(200, abs=3)


def test_a_broken_page_is_named_and_the_others_are_kept(scan, caplog):
    assert made(scan, [1, 2, 3]) == [1, 3]
    assert [(record.args[0], "a.tif" in record.getMessage()) for record in caplog.records] == [(2, True)]


def test_after_some_failures_the_rest_of_a_file_is_left(scan, caplog):
    assert made(scan, range(4, 100)) == []
    assert len(caplog.records) == 3


def test_images_that_wait_are_given_up_when_a_build_ends_early(scan, monkeypatch):
    began, asked = Event(), []

    def page(path, number, *_):
        asked.append(number)
        began.set()
        while not images._making[-1].cancelled():
            time.sleep(0.01)
        raise UnreadableFileError("broken")

    monkeypatch.setattr(picturing, "page_image", page)
    with PageImages(ImageStore(scan.parent)) as images:
        images.make(*issue(scan, [1, 2, 3]))
        assert began.wait(60)
    assert asked == [1]


def test_a_bomb_costs_itself_alone(bomb, scan):
    with pytest.raises(UnreadableFileError, match=r"bomb\.png.*200 MB"):
        page_image(bomb, 1, 2400, 400_000, Limits(memory=200 << 20, seconds=60))
    assert page_image(scan, 1, 40, 10_000, Limits(memory=200 << 20, seconds=60)).width == 30


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("time.sleep(60)", "秒内没有读完"),
        ("os.abort()", "崩溃"),
        ("say(pickle.dumps('<svg>'))", "崩溃"),
    ],
)
def test_a_decoder_that_hangs_dies_or_lies_is_named(what, why, scan, monkeypatch):
    processes = Processes(lambda: ReadingProcess((sys.executable, "-c", READY + what)))
    monkeypatch.setattr(pictures, "shared", processes)
    with pytest.raises(UnreadableFileError, match=rf"a\.tif.*{why}"):
        page_image(scan, 1, 40, 10_000, Limits(seconds=1.0))
    processes.close()


def test_after_a_decoder_that_died_the_next_picture_is_made(scan, monkeypatch):
    commands = [(sys.executable, "-c", READY + "os.abort()")]  # for page 1; page 2 is broken
    processes = Processes(lambda: ReadingProcess(commands.pop()) if commands else ReadingProcess())
    monkeypatch.setattr(pictures, "shared", processes)
    assert made(scan, [1, 2, 3]) == [3]
    processes.close()


def test_the_build_names_bad_pictures_and_goes_on(tmp_path, embedder, caplog):
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"0{number}.md").write_text(f"# 渡口加开夜班{number}\n\n渡口昨起加开两班。\n", encoding="utf-8")
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    (folder / "01.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", crc32(head))
    )
    (folder / "02.tif").write_bytes(b"II*\0" + b"\xff" * 40)
    Image.new("L", SIZE).save(folder / "03.png")
    archive = tmp_path / "archive"
    report = build([folder], archive, embedder, PassageSettings())
    assert (report.articles, report.failed) == (3, 0)
    assert len(list(archive.glob("images/*/*"))) == 1
    assert [name in caplog.text for name in ("01.png", "02.tif", "03.png")] == [True, True, False]
