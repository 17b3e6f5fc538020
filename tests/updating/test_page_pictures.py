"""Which picture a page gets: one that lies in the folder that was given, and every article that stands on it."""

import pytest
from PIL import Image

from index.build import build
from index.config import PassageSettings
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder

from ..reading.libraries import OTHER_TITLE, TITLE, ZONES
from ..reading.libraries import alto as alto_page

SETTINGS = PassageSettings()

pytestmark = pytest.mark.usefixtures("reading_no_scans")


@pytest.fixture
def pictured(tmp_path, embedder):
    """Build paths and tell the widths of each article's pictures, by its headline."""

    def run(*paths, **options):
        build(paths, tmp_path / "archive", embedder, SETTINGS, **options)
        store = LocalStore(ArchiveFolder(tmp_path / "archive").require_current())
        return {
            article.title: [kept.width for kept in store.catalogue.pictures(article.id)]
            for article in store.articles(99)
        }

    return run


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def draw(path, width):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width, 60), 250).save(path)
    return path


BOTH, NONE = {TITLE: [50], OTHER_TITLE: [50]}, {TITLE: [], OTHER_TITLE: []}


@pytest.mark.parametrize(
    ("text", "picture", "expected"),
    [
        ("given/a.xml", "given/a.tif", BOTH),
        ("given/p.xml", "given/images/master/a.tif", BOTH),
        ("given/alto/p.xml", "given/images/a.tif", BOTH),
        ("given/alto/p.xml", "given/A.tif", BOTH),
        ("given/alto/p.xml", "given/images/master/a.tif", NONE),  # beside is one level
        ("given/alto/p.xml", "given/.thumbnails/a.tif", NONE),
        ("given/p.xml", "private/a.tif", NONE),
        ("given/p.xml", "a.tif", NONE),
        ("given/p.xml", "private/deep/deeper/a.tif", NONE),
    ],
)
def test_a_named_picture_is_looked_for_in_the_given_folder(tmp_path, pictured, text, picture, expected):
    home = tmp_path / "home"
    write(home / text, alto_page())
    draw(home / picture, 50)
    assert pictured(home / "given") == expected


@pytest.mark.parametrize(("picture", "expected"), [("a.tif", BOTH), ("inner/a.tif", NONE), ("../a.tif", NONE)])
def test_of_a_file_that_was_given_by_itself_only_in_its_folder(tmp_path, pictured, picture, expected):
    file = write(tmp_path / "home" / "p.xml", alto_page())
    draw(file.parent / picture, 50)
    assert pictured(file) == expected


@pytest.mark.parametrize("link", ["a.tif", "p.tif", "images"])
def test_links_that_lead_out_are_not_followed(tmp_path, pictured, link):
    text = alto_page() if link != "p.tif" else "<html><body><h1>澄江铁桥合龙</h1><p>铁桥昨日合龙。</p></body></html>"
    file = write(tmp_path / "given" / ("p.xml" if link != "p.tif" else "p.html"), text)
    outside = draw(tmp_path / "outside" / "a.tif", 50)
    (file.parent / link).symlink_to(outside if link.endswith(".tif") else outside.parent)
    assert pictured(tmp_path / "given") in (NONE, {TITLE: []})


def test_a_given_folder_may_be_reached_by_a_link(tmp_path, pictured):
    write(tmp_path / "real" / "alto" / "p.xml", alto_page())
    draw(tmp_path / "real" / "images" / "a.tif", 50)
    (tmp_path / "given").symlink_to(tmp_path / "real")
    assert pictured(tmp_path / "given") == BOTH


def test_every_file_s_articles_get_the_picture_that_the_files_name(tmp_path, pictured):
    folder = tmp_path / "given"
    write(folder / "p_1.xml", alto_page(ZONES[:3]))
    write(folder / "p_2.xml", alto_page(ZONES[3:]))
    draw(folder / "a.tif", 50)
    assert pictured(folder) == BOTH


def test_every_text_beside_a_picture_shows_it(tmp_path, pictured):
    folder = tmp_path / "given"
    write(folder / "01.md", f"# {TITLE}\n\n铁桥昨日合龙。\n")
    write(folder / "01.html", f"<html><body><h1>{OTHER_TITLE}</h1><p>夜校昨起开办。</p></body></html>")
    draw(folder / "01.png", 50)
    assert pictured(folder) == BOTH


def test_pages_of_one_file_that_name_one_picture_show_its_pages(tmp_path, pictured):
    first, second = alto_page(ZONES[:3]), alto_page(ZONES[3:])
    page = second[second.index("<Page") : second.index("</Layout>")].replace('ID="B', 'ID="C')
    write(tmp_path / "given" / "p.xml", first.replace("</Layout>", page + "</Layout>"))
    frames = [Image.new("L", (width, 60), 250) for width in (50, 70)]
    frames[0].save(tmp_path / "given" / "a.tif", save_all=True, append_images=frames[1:])
    assert pictured(tmp_path / "given") == {TITLE: [50], OTHER_TITLE: [70]}


def test_an_article_does_not_take_over_the_picture_of_one_that_is_gone(tmp_path, pictured):
    folder = tmp_path / "given"
    text = write(folder / "01.md", f"# {TITLE}\n\n铁桥昨日合龙。\n")
    picture = draw(folder / "01.png", 50)
    assert pictured(folder) == {TITLE: [50]}
    text.unlink()
    picture.unlink()
    write(folder / "02.md", f"# {OTHER_TITLE}\n\n夜校昨起开办。\n")
    assert pictured(folder) == {OTHER_TITLE: []}


@pytest.mark.parametrize("named", ["a.tif", "a.jp2"])
def test_a_library_s_jpeg_2000_is_a_page_s_picture(tmp_path, pictured, named):
    write(tmp_path / "given" / "p.xml", alto_page().replace("a.tif", named))
    draw(tmp_path / "given" / "images" / "a.jp2", 50)
    assert pictured(tmp_path / "given") == BOTH
