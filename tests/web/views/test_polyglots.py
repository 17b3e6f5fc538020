"""Pictures that are something else as well, or nothing of the kind, beside a page's text and uploaded as pages."""

import io
import logging
import resource
import struct
import zipfile
import zlib

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import EpsImagePlugin, Image, PngImagePlugin

from index.build import build
from index.config import PassageSettings
from index.reading import read_issue
from index.reading.formats import scan
from index.reading.scanning import recogniser
from index.reading.scanning.recogniser import Recognition
from rag import Archive
from rag.web.history.history import History
from rag.web.rendering.text import Translator
from rag.web.sites.feed import Feed
from rag.web.sites.site import Site
from rag.web.views.pictures import picture_routes

CODE = b"<script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + CODE + b"</svg>"
POSTSCRIPT = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 80\n(/tmp/made) (w) file closefile alert\nshowpage\n%%EOF\n"
)
MOST_MB = 400  # what a process may grow by


def picture(kind, **more):
    target = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(target, kind, **more)
    return target.getvalue()


def with_zip():
    target = io.BytesIO(picture("JPEG"))
    with zipfile.ZipFile(target, "a") as packed:
        packed.writestr("evil.html", CODE)
    return target.getvalue()


def with_html():
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", CODE.decode())
    return picture("PNG", pnginfo=text) + CODE


def bomb(side):
    """A PNG of so many dots a side, all of them black, in few bytes."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    rows = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


POLYGLOTS = {  # by the name they have: what is in it, and whether there is a picture to be shown
    "script.png": (picture("GIF") + b"/*" + CODE + b"*/=1;alert(1)", True),
    "packed.jpg": (with_zip(), True),
    "page.png": (with_html(), True),
    "drawing.png": (SVG, False),
    "program.png": (POSTSCRIPT, False),
    "bomb.png": (bomb(20_000), False),
    "large.png": (bomb(12_000), False),
    "text.jpg": (CODE, False),
    "broken.tif": (b"II*\0\x08\0\0\0\0\0\0\0\0\0", False),
    "empty.png": (b"", False),
}


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch):
    def run(*asked, **_):
        raise AssertionError(f"ran {asked}")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", run)


@pytest.fixture(autouse=True)
def grows_little():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MB << 10


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "2031-05-06"
    made.mkdir()
    return made


def client_of(tmp_path, settings):
    app, archive = FastAPI(), Archive.open(tmp_path / "archive", settings)
    app.include_router(picture_routes(Site(archive, History(tmp_path / "history.sqlite"))))
    return TestClient(app)


@pytest.mark.parametrize("name", POLYGLOTS)
def test_of_a_pages_picture_the_dots_alone_are_kept_and_what_is_none_is_named(
    name, folder, tmp_path, embedder, settings, caplog
):
    content, shown = POLYGLOTS[name]
    (folder / name).write_bytes(content)
    (folder / name).with_suffix(".md").write_text("# 渡口\n\n本报讯 渡口昨日有68艘渡船。\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        report = build([folder], tmp_path / "archive", embedder, PassageSettings())
    assert report.articles >= 1
    kept = list(tmp_path.glob("archive/images/*/*"))
    assert len(kept) == shown
    told = [record.getMessage() for record in caplog.records if record.name == "index.updating.picturing"]
    assert [name in message for message in told] == [True] * (not shown)
    client = client_of(tmp_path, settings)
    for path in kept:
        assert b"alert" not in path.read_bytes()
        for kind in ("images", "thumbnails"):
            reply = client.get(f"/{kind}/{path.stem}")
            assert (reply.status_code, reply.headers["content-type"]) == (200, "image/webp")
            assert reply.headers["x-content-type-options"] == "nosniff"
            assert Image.open(io.BytesIO(reply.content)).format == "WEBP"


def bomb():
    """A PNG of a few kilobytes and 56 million dots."""
    target = io.BytesIO()
    Image.new("1", (7_000, 8_000)).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize("content", [POSTSCRIPT, SVG, picture("WEBP", lossless=True)[:40], bomb()], ids=range(4))
def test_a_pictures_place_that_holds_something_else_has_no_thumbnail(content, folder, tmp_path, embedder, settings):
    """As a pack from elsewhere may bring it."""
    (folder / "01.png").write_bytes(picture("PNG"))
    (folder / "01.md").write_text("# 渡口\n\n本报讯 渡口昨日有68艘渡船。\n", encoding="utf-8")
    build([folder], tmp_path / "archive", embedder, PassageSettings())
    (path,) = tmp_path.glob("archive/images/*/*")
    path.write_bytes(content)
    client = client_of(tmp_path, settings)
    assert client.get(f"/thumbnails/{path.stem}").status_code == 404
    sent = client.get(f"/images/{path.stem}").headers
    assert (sent["content-type"], sent["x-content-type-options"]) == ("image/webp", "nosniff")


@pytest.fixture
def recognised(monkeypatch):
    """The dots that were read, in this process; no text is found in them."""
    seen = []

    def recognise(dots):
        seen.append(dots.shape)
        return Recognition([], [])

    monkeypatch.setattr(recogniser, "recogniser", lambda: recognise)
    monkeypatch.setattr(scan, "can_recognise", lambda: True)
    monkeypatch.setattr("rag.web.sites.feed.read_issue", lambda files, limits: read_issue(files))
    return seen


@pytest.mark.parametrize("name", POLYGLOTS)
def test_uploaded_as_a_page_it_is_read_as_dots_or_named(name, recognised, archive_folder, embedder, settings, tmp_path):
    content, shown = POLYGLOTS[name]
    (tmp_path / name).write_bytes(content)
    feed = Feed(tmp_path / "added", archive_folder, embedder, settings)
    found = feed.recognise([tmp_path / name], Translator("zh"))
    assert found.articles == ()
    assert recognised == [(80, 60, 3)] * shown
    assert [name in problem and "/tmp" not in problem for problem in found.problems] == [True] * (not shown)
