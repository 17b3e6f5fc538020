"""What an archive gives out: JSONL that is read again, ALTO that gives the same articles, IIIF manifests."""

import json
from dataclasses import replace

import pytest

from index.article import Article
from index.build import build
from index.config import PassageSettings
from index.errors import BaowenError
from index.exporting.alto import alto
from index.exporting.archive import Addresses, records, write_alto, write_manifests
from index.exporting.iiif import manifest
from index.exporting.records import record
from index.exporting.sheets import sheets_of
from index.reading import read_issue
from index.regions import Box, Region, Sheet, carried, pack_regions, unpack_regions
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder
from index.storage.store import Filter

from ..reading.libraries import BODY, FIRST, OTHER, OTHER_TITLE, TITLE, ZONES, page_xml
from ..reading.libraries import alto as alto_page

DAY = "1947-05-02"


def lines(article):
    return {(article.body[r.start : r.end], r.box) for r in article.regions if r.kind == "line"}


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "in" / f"澄江日报{DAY}第03版.xml"
    path.parent.mkdir(parents=True)
    path.write_text(alto_page(), encoding="utf-8")
    return path


@pytest.fixture
def archive(tmp_path, page, embedder):
    build([page], tmp_path / "archive", embedder, PassageSettings())
    return tmp_path / "archive"


def held(archive):
    store = LocalStore(ArchiveFolder(archive).require_current())
    return {article.title: store.catalogue.regions(article.id) for article in store.articles(99)}


def test_an_archive_keeps_the_regions_that_were_read(archive, page):
    read = {a.title: a.regions for a in read_issue([(page, page.name)]).articles}
    found = held(archive)
    assert found.keys() == read.keys() == {TITLE, OTHER_TITLE}
    for title, regions in found.items():
        assert [(r.kind, r.page, r.start, r.end, r.confidence, r.text, r.sheet) for r in regions] == [
            (r.kind, 3, r.start, r.end, r.confidence, r.text, r.sheet) for r in read[title]
        ]
        assert [r.box.left for r in regions] == pytest.approx([r.box.left for r in read[title]], abs=1e-5)


def test_removed_articles_leave_no_regions(archive, page, embedder):
    page.write_text(alto_page(ZONES[:3]), encoding="utf-8")
    build([page], archive, embedder, PassageSettings())
    store = LocalStore(ArchiveFolder(archive).require_current())
    assert store.database.execute("SELECT count(*) FROM regions").fetchone() == (1,)


def test_a_corrected_text_takes_over_the_places(archive, page, embedder):
    corrected = BODY[0].replace("三百二十米", "三百三十米")
    text = page.parent / f"澄江日报{DAY}第03版校.md"
    text.write_text(f"# {TITLE}\n\n{corrected}\n\n{BODY[1]}\n", encoding="utf-8")
    build([text], archive, embedder, PassageSettings(), keep_others=True)
    store = LocalStore(ArchiveFolder(archive).require_current())
    (article,) = [a for a in store.articles(99) if a.title == TITLE]
    assert "三百三十米" in article.body
    regions = store.catalogue.regions(article.id)
    kept = [article.body[r.start : r.end] for r in regions if r.kind == "line"]
    assert "".join(kept) == article.body.replace("\n", "")
    assert len(kept) == 4


def test_an_archive_without_the_table_has_no_regions(archive, page):
    import sqlite3

    path = ArchiveFolder(archive).require_current() / "archive.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE regions")
    from index.storage.catalogue import Catalogue

    with sqlite3.connect(path) as database:
        assert Catalogue(database).regions(f"{page.parent.name}/{page.name}#1") == ()


# Regions

SHEET = Sheet("a.tif", 1, 100, 100)


def region(start, end):
    return Region("line", Box(0, start / 100, 1, end / 100), SHEET, 1, "a", start, end, 0.5)


@pytest.mark.parametrize(
    ("after", "spans"),
    [
        ("甲乙丙丁戊己", [(0, 3), (3, 6)]),
        ("甲乙丙\n丁戊己", [(0, 3), (4, 7)]),
        ("前文。甲乙丙丁戊己", [(3, 6), (6, 9)]),
        ("甲乙丁戊己", [(0, 2), (2, 5)]),
        ("甲乙丙丁午己", [(0, 3), (3, 6)]),
        ("丁戊己", [(None, None), (0, 3)]),
        ("甲乙丙改改改己", [(0, 3), (3, 7)]),
    ],
)
def test_regions_follow_a_corrected_body(after, spans):
    moved = carried([region(0, 3), region(3, 6)], "甲乙丙丁戊己", after)
    assert [(r.start, r.end) for r in moved] == spans
    assert [r.box for r in moved] == [region(0, 3).box, region(3, 6).box]


@pytest.mark.parametrize(
    ("after", "doubtful"),
    [
        ("甲乙丙丁戊己", [(0, 2), (3,)]),
        ("前文。甲乙丙丁戊己", [(3, 5), (6,)]),
        ("改乙丙丁戊己", [(2,), (3,)]),
        ("甲乙丙改戊己", [(0, 2), ()]),
        ("丁戊己", [(), (0,)]),
    ],
)
def test_doubtful_characters_follow_a_corrected_body_and_corrected_ones_are_no_longer(after, doubtful):
    given = [replace(region(0, 3), doubtful=(0, 2)), replace(region(3, 6), doubtful=(3,))]
    headline = Region("headline", Box(0, 0, 1, 1), SHEET, text="题目", doubtful=(1,))
    *moved, kept = carried([*given, headline], "甲乙丙丁戊己", after)
    assert [r.doubtful for r in moved] == doubtful
    assert kept == headline


def test_regions_are_the_same_after_packing():
    regions = (
        region(0, 3),
        Region("headline", Box(0.1, 0.2, 0.3, 0.4), SHEET, text="题"),
        Region("headline", Box(0.1, 0.2, 0.3, 0.4), SHEET, points=((0.1, 0.2), (0.3, 0.4)), text="题"),
        replace(region(3, 6), doubtful=(3, 5)),
    )
    assert regions[3].as_dict()["doubtful"] == [3, 5]
    assert "doubtful" not in regions[0].as_dict()
    assert unpack_regions(pack_regions(regions)) == regions


# Out


def test_jsonl_is_read_again(tmp_path, page):
    article = read_issue([(page, "03.xml")]).articles[0]
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record(article), ensure_ascii=False), encoding="utf-8")
    (again,) = read_issue([(path, "a.jsonl")]).articles
    names = ("id", "title", "body", "date", "paper", "pages")
    assert [getattr(again, name) for name in names] == [getattr(article, name) for name in names]
    assert len(record(article)["regions"]) == len(article.regions) == 5


@pytest.mark.parametrize("text", [alto_page(), page_xml()], ids=["alto", "page"])
def test_alto_that_was_written_gives_the_same_articles_and_places(tmp_path, text):
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    before = read_issue([(path, "a.xml")]).articles
    (place,) = sheets_of(before)
    path.write_bytes(alto(place))
    after = read_issue([(path, "a.xml")]).articles
    assert [(a.title, a.body) for a in after] == [(a.title, a.body) for a in before]
    for old, new in zip(before, after, strict=True):
        assert {text for text, _ in lines(new)} == {text for text, _ in lines(old)}
        boxes = dict(lines(old))
        assert all(box.left == pytest.approx(boxes[text].left, abs=1e-3) for text, box in lines(new))


def test_a_manifest_has_a_canvas_a_page_and_a_range_an_article(page):
    articles = read_issue([(page, "03.xml")]).articles
    made = manifest(articles, "http://a.example/iiif/1.json", "http://a.example/pictures", "澄江日报")
    (canvas,) = made["items"]
    assert (canvas["width"], canvas["height"], canvas["label"]) == (1000, 1400, {"zh": ["第3版"]})
    assert canvas["items"][0]["items"][0]["body"]["id"] == "http://a.example/pictures/a.tif"
    (ranges,) = made["structures"]
    assert [r["label"]["zh"] for r in ranges["items"]] == [[TITLE], [OTHER_TITLE]]
    assert ranges["items"][1]["items"][0]["id"] == f"{canvas['id']}#xywh=100,600,340,80"
    texts = {note["body"]["value"]: note["target"] for note in canvas["annotations"][0]["items"]}
    assert texts[OTHER] == f"{canvas['id']}#xywh=100,660,340,20"
    assert texts[FIRST] == f"{canvas['id']}#xywh=100,200,260,20"
    assert manifest([Article("a", "题", "文")], "http://a.example/1.json", "http://a.example", "") is None


def test_a_manifest_is_valid(page):
    prezi = pytest.importorskip("iiif_prezi3")
    articles = read_issue([(page, "03.xml")]).articles
    prezi.Manifest(**manifest(articles, "http://a.example/iiif/1.json", "http://a.example/pictures", "澄江日报"))


def test_an_archive_is_exported_issue_by_issue(archive, tmp_path):
    to = tmp_path / "out"
    assert [r["title"] for r in records(archive, Filter())] == [TITLE, OTHER_TITLE]
    assert list(records(archive, Filter(since="2000-01-01"))) == []
    assert write_alto(archive, Filter(), to) == 1
    assert write_manifests(archive, Filter(), to, Addresses("http://a.example/iiif", "http://a.example/p")) == 1
    assert sorted(str(p.relative_to(to)) for p in to.rglob("*") if p.is_file()) == [
        f"{DAY}-澄江日报.json",
        f"{DAY}-澄江日报/a.tif.xml",
    ]
    with pytest.raises(BaowenError, match="没有一篇文章记有版面位置"):
        write_alto(archive, Filter(since="2000-01-01"), to)
