"""A folder of an e-paper: its contents pages say where its articles stand on the pictures of its pages."""

import pytest
from PIL import Image

from index.build import build
from index.config import PassageSettings
from index.fetching.crawl import IMAGES
from index.fetching.edition import file_of
from index.on_ray.reader import _table
from index.sources import find_sources
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder

SETTINGS = PassageSettings()

pytestmark = pytest.mark.usefixtures("reading_no_scans")
FERRY = "渡口昨起加开两班夜船，末班改到晚上十点。"
BRIDGE = "老桥的栏杆昨天换新，行人可以走东侧。"


@pytest.fixture
def placed(tmp_path, embedder):
    """Build paths; an article's name → its areas as (page, left side) and the widths of its pictures."""

    def run(*paths, **options):
        build(paths, tmp_path / "archive", embedder, SETTINGS, **options)
        store = LocalStore(ArchiveFolder(tmp_path / "archive").require_current())
        return {
            article.id.rpartition("/")[2]: (
                [(region.page, round(region.box.left, 2)) for region in store.catalogue.regions(article.id)],
                [kept.width for kept in store.catalogue.pictures(article.id)],
            )
            for article in store.articles(99)
        }

    return run


def write(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<html><body>{body}</body></html>", encoding="utf-8")


def contents(number, picture, *areas):
    drawn = "".join(f'<area shape="rect" coords="{left},6,{left + 9},30" href="{href}">' for left, href in areas)
    links = "".join(f'<li><a href="{href}">标题</a></li>' for _, href in areas)
    return f'<p>第0{number}版：要闻</p><img src="{picture}" usemap="#m"><map name="m">{drawn}</map><ul>{links}</ul>'


def draw(path, width):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width, 60), 250).save(path)


def save(folder, nodes=("node_1.htm", "node_2.htm"), articles=("content_7.htm", "content_8.htm", "content_9.htm")):
    """An edition as a browser saves it: two articles on its first page, one on its second."""
    write(folder / nodes[0], contents(1, "page/b01.jpg", (10, articles[0]), (30, articles[1])))
    write(folder / nodes[1], contents(2, "page/b02.jpg", (20, articles[2])))
    for article, title, text in zip(articles, ("夜船", "换栏", "灯塔"), (FERRY, BRIDGE, "灯塔亮了。"), strict=True):
        write(folder / article, f"<h1>{title}</h1><p>{text}</p>")
    draw(folder / "page/b01.jpg", 50)
    draw(folder / "page/b02.jpg", 40)


EXPECTED = [([(1, 0.2)], [50]), ([(1, 0.6)], [50]), ([(2, 0.5)], [40])]


@pytest.mark.parametrize(
    ("nodes", "articles"),
    [
        (("node_1.htm", "node_2.htm"), ("content_7.htm", "content_8.htm", "content_2411509.htm")),
        (
            ("nbs.D110000jzrb_01.htm", "nbs.D110000jzrb_02.htm"),
            [f"nw.D110000jzrb_20250418_{name}.htm" for name in ("1-01", "2-01", "1-02")],
        ),
    ],
)
def test_a_saved_edition(tmp_path, placed, nodes, articles):
    save(tmp_path / "2025-04-18", nodes, articles)
    assert placed(tmp_path / "2025-04-18") == {
        f"{name}#1": found for name, found in zip(articles, EXPECTED, strict=True)
    }


SITE = "http://paper.example"


@pytest.mark.parametrize(
    ("pages", "articles", "pictures", "address"),
    [
        ("/jzrb/html/2025-04/18", "/jzrb/html/2025-04/18", "/jzrb/images/2025-04/18", "../../../images/2025-04/18"),
        ("/rb/pc/layout/202504/18", "/rb/pc/content/202504/18", "/rb/pc/pic/18", "../../../pic/18"),
        ("/jzrb/html/2025-04/18", "/jzrb/html/2025-04/18", "/res/18", "/res/18"),
    ],
)
def test_a_fetched_edition(tmp_path, placed, pages, articles, pictures, address):
    folder = tmp_path / "issues"
    up = "" if pages == articles else "../../../content/202504/18/"
    for number, width in ((1, 50), (2, 40)):
        node = contents(number, f"{address}/0{number}/p.jpg", (10, f"{up}content_7{number}.htm"))
        write(folder / file_of(f"{SITE}{pages}/node_0{number}.htm"), node)
        draw(folder / IMAGES / file_of(f"{SITE}{pictures}/0{number}/p.jpg"), width)
        write(folder / file_of(f"{SITE}{articles}/content_7{number}.htm"), f"<h1>夜船{number}</h1><p>{FERRY}</p>")
    assert placed(folder) == {
        "content_71.htm#1": ([(1, 0.2)], [50]),
        "content_72.htm#1": ([(2, 0.25)], [40]),
    }
    for source in find_sources([folder]).sources:  # what another machine needs to read it
        (row,) = _table((0, source)).to_pylist()
        assert sum(path.endswith(b"p.jpg") for path in row["paths"]) == 2


@pytest.mark.parametrize("only", [{}, {"keep_others": True}])
def test_an_edition_of_which_an_article_changed_is_read_again_as_a_whole(tmp_path, placed, only):
    folder = tmp_path / "2025-04-18"
    save(folder)
    before = placed(folder)
    write(folder / "content_7.htm", f"<h1>夜船</h1><p>{FERRY}船票照旧。</p>")
    assert placed(*([folder / "content_7.htm"] if only else [folder]), **only) == before
    assert list(before.values()) == EXPECTED


def test_an_article_in_another_folder_than_the_contents_changed(tmp_path, placed):
    folder = tmp_path / "rb"
    write(folder / "layout/18/node_01.htm", contents(1, "p.jpg", (10, "../../content/18/content_7.htm")))
    draw(folder / "layout/18/p.jpg", 50)
    write(folder / "content/18/content_7.htm", f"<h1>夜船</h1><p>{FERRY}</p>")
    assert placed(folder) == {"content_7.htm#1": ([(1, 0.2)], [50])}
    write(folder / "content/18/content_7.htm", f"<h1>夜船</h1><p>{FERRY}船票照旧。</p>")
    (found,) = placed(folder / "content/18", keep_others=True).values()
    assert found[0] == [(1, 0.2)]


def test_articles_join_their_edition_when_its_contents_come_and_leave_it_when_they_go(tmp_path, placed):
    folder = tmp_path / "2025-04-18"
    save(folder)
    nodes = {path: path.read_bytes() for path in folder.glob("node_*.htm")}
    for path in nodes:
        path.unlink()
    alone = placed(folder)
    assert [regions for regions, _ in alone.values()] == [[], [], []]
    for path, data in nodes.items():
        path.write_bytes(data)
    joined = placed(folder)
    assert (list(joined), list(joined.values())) == (list(alone), EXPECTED)
    for path in nodes:
        path.unlink()
    assert placed(folder) == alone


def test_pages_without_a_map_stay_issues_of_their_own(tmp_path):
    folder = tmp_path / "site"
    write(folder / "node_1.htm", "<ul><li><a href='content_1234.htm'>夜船</a></li></ul>")
    for name in ("content_1234.htm", "content_1235.htm", "第1版.html", "notes.html"):
        write(folder / name, f"<h1>夜船</h1><p>{FERRY}</p>")
    keys = [source.key for source in find_sources([folder]).sources]
    write(folder / "node_1.htm", contents(1, "b.jpg", (10, "content_1234.htm")))
    assert keys == ["site/", "site/content_1234", "site/content_1235", "site/notes"]
    assert [source.key for source in find_sources([folder]).sources] == ["site/", "site/*.htm", "site/notes"]
