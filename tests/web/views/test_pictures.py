"""Small pictures of pages: how large they are, who is given them, what the browser need not ask for again."""

import io

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from index.build import build
from index.config import AccessSettings, ArchiveSettings, PassageSettings, Settings
from rag import Archive
from rag.web.access.rights import USER, Rights
from rag.web.history.history import History
from rag.web.several import OneArchive
from rag.web.sites.site import Site
from rag.web.views.pictures import LONGEST, MOST_BYTES, picture_routes


@pytest.fixture
def archive(tmp_path, embedder):
    """A page of noise, which makes the largest files, beside its text."""
    (tmp_path / "2031-05-06").mkdir()
    (tmp_path / "2031-05-06" / "01.md").write_text(
        "# 夜市开张\n\n本报讯（记者 甲乙）夜市昨晚开张。\n", encoding="utf-8"
    )
    noise = np.random.default_rng(0).integers(0, 255, (800, 600, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "2031-05-06" / "01.png", compress_level=1)
    build([tmp_path / "2031-05-06"], tmp_path / "archive", embedder, PassageSettings())
    return Archive.open(tmp_path / "archive", Settings(embedder={"model": "fake"}))


@pytest.fixture
def stored(archive, tmp_path):
    (path,) = tmp_path.glob("archive/images/*/*.webp")
    return path


@pytest.fixture
def client_of(archive, tmp_path):
    """A browser of somebody, at the pictures of an archive that 编辑 alone may read."""
    routes = FastAPI()
    routes.include_router(picture_routes(Site(archive, History(tmp_path / "history.sqlite"), name="内部")))
    rights = Rights(AccessSettings(), {"内部": ArchiveSettings(path=tmp_path / "archive", read=("编辑",))})
    guarded = OneArchive(routes, "内部", rights)

    def client(person):
        async def named(scope, receive, send):
            await guarded({**scope, USER: person}, receive, send)

        return TestClient(named)

    return client


def test_a_thumbnail_is_small_however_noisy_its_page(client_of, stored):
    reply = client_of("编辑").get(f"/thumbnails/{stored.stem}")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/webp")
    assert len(reply.content) <= MOST_BYTES < stored.stat().st_size
    with Image.open(io.BytesIO(reply.content)) as small:
        assert small.format == "WEBP"
        assert max(small.size) <= LONGEST
        assert small.height == pytest.approx(small.width * 4 / 3, abs=2)


def test_what_the_browser_has_is_not_sent_again(client_of, stored):
    client = client_of("编辑")
    first = client.get(f"/thumbnails/{stored.stem}")
    assert stored.stem in first.headers["etag"]
    assert first.headers["cache-control"].startswith("private")
    known = client.get(f"/thumbnails/{stored.stem}", headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", first.headers["etag"])
    other = client.get(f"/thumbnails/{stored.stem}", headers={"If-None-Match": f'"{"0" * 64}"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_whoever_may_not_read_the_archive_gets_nothing(client_of, stored):
    tag = client_of("编辑").get(f"/thumbnails/{stored.stem}").headers["etag"]
    for person in ("外人", ""):
        for kind in ("thumbnails", "images"):
            reply = client_of(person).get(f"/{kind}/{stored.stem}", headers={"If-None-Match": tag})
            assert (reply.status_code, reply.json()) == (404, {"detail": "Not Found"}), (person, kind)


def test_nothing_outside_the_pictures_is_read(client_of, stored):
    stored.parent.parent.joinpath("secret.webp").write_bytes(stored.read_bytes())
    client = client_of("编辑")
    for name in ("secret", "..%2f..%2fCURRENT", "../images/secret.webp", "%2e%2e/CURRENT", "0" * 64, "a/b", "%00", ""):
        assert client.get(f"/thumbnails/{name}").status_code == 404, name


def test_a_picture_that_no_article_is_on_is_not_given(client_of, archive, stored):
    page = io.BytesIO()
    Image.new("RGB", (30, 40)).save(page, "WEBP")
    left_over = archive.store.images.put(page.getvalue())
    assert client_of("编辑").get(f"/thumbnails/{left_over}").status_code == 404


def test_a_damaged_picture_has_no_thumbnail(client_of, stored):
    stored.write_bytes(b"RIFF damaged")
    assert client_of("编辑").get(f"/thumbnails/{stored.stem}").status_code == 404
