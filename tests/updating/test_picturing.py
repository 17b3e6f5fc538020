"""Pictures of pages: kept with the archive, shared, removed, served; and where cited lines stand on them."""

import io
from threading import Event

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app import create_app
from index.build import build
from index.config import PassageSettings, Settings
from index.isolation import page_image
from index.maintenance import image_sizes
from index.reading import read_issue
from index.reading.formats import scan
from index.reading.layout.scans import RecognisedLine
from index.reading.scanning import recogniser
from index.reading.scanning.recogniser import Recognition
from index.storage.images import encoded
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder
from index.updating import picturing
from index.updating.picturing import LONGEST, MOST_BYTES
from rag import Archive
from rag.web.access.login import Passwords, set_password
from rag.web.history.history import History
from rag.web.rendering.places import article_places
from rag.web.sites.site import Site

from ..reading.libraries import HEIGHT, OTHER, TITLE, WIDTH, ZONES
from ..reading.libraries import alto as alto_page
from ..reading.libraries import box as alto_box
from .drawn import HEADLINE, LINES, covered, drawn, sides, write_pdf

SETTINGS = PassageSettings()


def recognise(picture):
    height, width = picture.shape[:2]

    def corners(line):
        left, top, right, bottom = (
            side * length for side, length in zip(sides(line), (width, height) * 2, strict=True)
        )
        return [[left, top], [right, top], [right, bottom], [left, bottom]]

    return Recognition([RecognisedLine(corners(line), line[0], 0.9) for line in [HEADLINE, *LINES]], [])


@pytest.fixture(autouse=True)
def recognising(monkeypatch):
    monkeypatch.setattr(recogniser, "recogniser", lambda: recognise)
    monkeypatch.setattr(scan, "can_recognise", lambda: True)
    # In this process, where the recogniser is ours.
    monkeypatch.setattr("index.updating.reading.read_issue", read_issue)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "pages"
    made.mkdir()
    return made


def store_of(archive):
    return LocalStore(ArchiveFolder(archive).require_current())


def placed(*asked):
    return [place.as_dict() for place in article_places(*asked)]


@pytest.mark.parametrize("kind", ["pdf", "scan", "alto"])
def test_a_citation_is_marked_where_its_lines_stand(kind, folder, tmp_path, embedder):
    lines = {line[0]: sides(line) for line in LINES}
    if kind == "pdf":
        write_pdf(folder / "a.pdf")
    elif kind == "scan":
        drawn(folder / "a.png")
    else:
        (folder / "a.xml").write_text(alto_page(), encoding="utf-8")
        Image.new("L", (WIDTH, HEIGHT), 250).save(folder / "a.tif")
        boxes = [(line[0], alto_box(line)) for heading, rows in ZONES if heading == "text" for line in rows]
        lines = {text: (b[0] / WIDTH, b[1] / HEIGHT, b[2] / WIDTH, b[3] / HEIGHT) for text, b in boxes if text != OTHER}
    build([folder], tmp_path / "archive", embedder, SETTINGS)
    store = store_of(tmp_path / "archive")
    article = next(a for a in store.articles(9) if a.title in (HEADLINE[0], TITLE))
    for text, true in lines.items():
        start = article.body.index(text)
        (page,) = placed(store.catalogue, article.id, start + 1, start + len(text) - 1)
        share, size = covered([true], page["marked"])
        assert share >= 0.9, text
        assert size <= 1.3, text
        assert store.images.path(page["image"]).stat().st_size <= MOST_BYTES
    (whole,) = placed(store.catalogue, article.id)
    assert whole["marked"] == []
    assert covered(list(lines.values()), [whole["area"]])[0] >= 0.9


def test_a_picture_beside_a_text_is_its_page_and_is_not_read_itself(folder, tmp_path, embedder):
    (folder / "01.md").write_text("# 渡口加开夜班\n\n本报讯（记者 甲乙）渡口昨起加开两班。\n", encoding="utf-8")
    drawn(folder / "01.JPG")
    report = build([folder], tmp_path / "archive", embedder, SETTINGS)
    assert (report.added, report.articles, report.failed) == (1, 1, 0)
    store = store_of(tmp_path / "archive")
    (article,) = store.articles(9)
    (page,) = placed(store.catalogue, article.id, 0, 5)
    assert store.images.path(page.pop("image")) is not None
    assert page == {"page": 1, "width": 1200, "height": 1600, "area": None, "regions": [], "marked": []}


def test_pictures_are_shared_by_snapshots_and_go_with_their_last_article(folder, tmp_path, embedder):
    archive = tmp_path / "archive"
    write_pdf(folder / "a.pdf")
    (folder / "b.md").write_text("# 夜校添科\n\n夜校新添算术一科。\n", encoding="utf-8")
    build([folder], archive, embedder, SETTINGS)
    (kept,) = archive.glob("images/*/*")
    before = kept.stat().st_mtime_ns
    for number in range(3):
        (folder / "b.md").write_text(f"# 夜校添科{number}\n\n夜校新添算术一科。\n", encoding="utf-8")
        build([folder], archive, embedder, SETTINGS)
        assert list(archive.glob("images/*/*")) == [kept]
    assert kept.stat().st_mtime_ns == before
    assert image_sizes(archive).count == 1
    assert image_sizes(archive).bytes == kept.stat().st_size
    (folder / "a.pdf").unlink()
    build([folder], archive, embedder, SETTINGS)
    store = store_of(archive)
    assert not store.catalogue.shows(kept.stem)
    del store  # a reader would keep its snapshot
    for number in range(3):  # until the snapshots that show it are gone
        (folder / "b.md").write_text(f"# 夜校又添科{number}\n\n夜校新添算术一科。\n", encoding="utf-8")
        build([folder], archive, embedder, SETTINGS)
    assert list(archive.glob("images/*/*")) == []


def test_pictures_can_be_turned_off(folder, tmp_path, embedder):
    drawn(folder / "a.png")
    build([folder], tmp_path / "archive", embedder, SETTINGS, images=False)
    assert list(tmp_path.glob("archive/images/*/*")) == []
    store = store_of(tmp_path / "archive")
    (article,) = store.articles(9)
    (page,) = placed(store.catalogue, article.id, 0, 5)
    assert page["image"] is None
    assert len(page["marked"]) == 1  # places do not need the picture


def test_a_broken_picture_costs_no_article(folder, tmp_path, embedder, caplog):
    (folder / "01.md").write_text("# 渡口加开夜班\n\n渡口昨起加开两班。\n", encoding="utf-8")
    (folder / "01.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    report = build([folder], tmp_path / "archive", embedder, SETTINGS)
    assert (report.articles, report.failed) == (1, 0)
    assert "不是可读的图片" in caplog.text


def test_recognition_can_be_left_for_later_and_is_done_once(folder, tmp_path, embedder, monkeypatch):
    seen = []
    monkeypatch.setattr(recogniser, "recogniser", lambda: lambda picture: seen.append(1) or recognise(picture))
    drawn(folder / "a.png")
    (folder / "b.md").write_text("# 夜校添科\n\n夜校新添算术一科。\n", encoding="utf-8")
    archive = tmp_path / "archive"
    first = build([folder], archive, embedder, SETTINGS, later=True)
    assert (first.added, first.failed, first.articles, seen) == (1, 1, 1, [])
    assert "留到后面" in first.problems[0]
    second = build([folder], archive, embedder, SETTINGS)
    second.join(first)
    assert (second.added, second.failed, second.unchanged, second.articles, seen) == (2, 0, 0, 2, [1])
    store = store_of(archive)
    lines = [region for article in store.articles(9) for region in store.catalogue.regions(article.id)]
    assert {region.confidence for region in lines} == {0.9}
    (folder / "a.png").rename(folder / "c.png")
    build([folder], archive, embedder, SETTINGS)
    assert seen == [1]


def test_a_picture_is_made_small_enough():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (1500, 3000, 3), dtype=np.uint8))
    data, size = encoded(noise, LONGEST, MOST_BYTES)
    assert len(data) <= MOST_BYTES
    with Image.open(io.BytesIO(data)) as made:
        assert (made.format, made.size) == ("WEBP", size)
        assert max(size) <= LONGEST
        assert size[0] == pytest.approx(2 * size[1], abs=2)


def webp(picture, quality):
    target = io.BytesIO()
    picture.save(target, "WEBP", quality=quality, method=2)
    return target.getvalue()


@pytest.mark.parametrize("size", [(2400, 1700), (2400, 100), (20, 700), (1, 1)])
def test_a_picture_that_fits_has_the_best_quality(size):
    picture = Image.linear_gradient("L").resize(size)
    assert encoded(picture, LONGEST, MOST_BYTES) == (webp(picture, 80), size)


def test_a_picture_whose_sample_promises_too_much_fits_all_the_same():
    noise = np.random.default_rng(0).integers(0, 255, (512, 400), dtype=np.uint8)
    noise[:32] = noise[256:288] = 255  # the rows of the sample
    picture = Image.fromarray(noise)
    fits = webp(picture, 65)
    assert encoded(picture, LONGEST, len(fits)) == (fits, picture.size)


def test_images_are_made_while_the_passages_are_embedded(folder, tmp_path, embedder, monkeypatch):
    began, embedding = Event(), Event()
    encode = embedder.encode

    def page(*given):
        began.set()
        assert embedding.wait(60)
        return page_image(*given)

    def embed(texts, *, query=False):
        assert began.wait(60)
        embedding.set()
        return encode(texts, query=query)

    monkeypatch.setattr(picturing, "page_image", page)
    monkeypatch.setattr(embedder, "encode", embed)
    drawn(folder / "a.png")
    build([folder], tmp_path / "archive", embedder, SETTINGS)
    assert image_sizes(tmp_path / "archive").count == 1


@pytest.fixture
def client(folder, tmp_path, embedder, generator):
    write_pdf(folder / "a.pdf")
    build([folder], tmp_path / "archive", embedder, SETTINGS)
    opened = Archive.open(tmp_path / "archive", Settings(embedder={"model": "fake"}))
    opened.embedder, opened._generator = embedder, generator
    set_password(tmp_path / "p.txt", "读者", "读者的密码")
    site = Site(opened, History(tmp_path / "history.sqlite"), Passwords(tmp_path / "p.txt"))
    return TestClient(create_app(site))


def test_pictures_and_places_are_behind_the_login_and_nothing_else_is_served(client, tmp_path):
    (kept,) = tmp_path.glob("archive/images/*/*")
    (tmp_path / "archive" / "images" / "secret.webp").write_bytes(b"secret")
    addresses = [f"/images/{kept.stem}", "/places/pages/a.pdf%231", f"/thumbnails/{kept.stem}"]
    assert [client.get(address).status_code for address in addresses] == [401, 401, 401]
    auth = ("读者", "读者的密码")
    picture = client.get(addresses[0], auth=auth)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert picture.content == kept.read_bytes()
    places = client.get(f"{addresses[1]}?start=0&end=4", auth=auth).json()
    assert places["pages"][0]["image"] == kept.stem
    assert len(places["pages"][0]["marked"]) == 1
    for name in ("secret", "..%2f..%2fCURRENT", "../secret.webp", "%2e%2e/CURRENT", kept.name, "0" * 64, "", "a/b"):
        assert client.get(f"/images/{name}", auth=auth).status_code in (404, 405), name
    assert client.get("/places/no-such", auth=auth).status_code == 404
    assert client.get(f"{addresses[1]}?start=-1", auth=auth).status_code == 422
