"""The page as printed: how it is framed, marked and cut, and how one gets to its neighbours."""

import re
from dataclasses import replace

import pypdfium2
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from playwright.sync_api import expect

from app import create_app
from index.article import Article
from index.build import build
from index.config import PassageSettings, Settings
from index.regions import Box
from rag import Archive
from rag.web.gradio_page.welcome import front_page, newest
from rag.web.history.history import History
from rag.web.rendering.boxes import box_style, corners
from rag.web.rendering.places import Nearby
from rag.web.rendering.render import Renderer
from rag.web.sites.site import Site
from rag.web.views.browsing import issue_pages, issue_view
from rag.web.views.printed import CLOSEST, Outline, clip_of, framed, issue_page_view, printed

from ...conftest import FakePairModel
from ...updating.drawn import (
    HEADLINE,
    LINES,
    NEXT_HEADLINE,
    NEXT_LINES,
    OTHER_HEADLINE,
    OTHER_LINES,
    covered,
    sides,
    write_pdf,
)
from ..browsers import NEEDED, SlowGenerator, ask, serious
from ..conftest import opening, serving

# Boxes on the page's picture, however it is zoomed, as fractions of it: left, top, right, bottom.
_FRACTIONS = """(name) => [...document.querySelectorAll(name)].map((part) => {
  const page = document.querySelector("#reader .sheet").getBoundingClientRect();
  const box = part.getBoundingClientRect();
  return [(box.left - page.left) / page.width, (box.top - page.top) / page.height,
          (box.right - page.left) / page.width, (box.bottom - page.top) / page.height];
})"""


def seen(view):
    """The part of the page that is in sight."""
    half = 0.5 / view.zoom
    return Box(view.x - half, view.y - half, view.x + half, view.y + half)


@pytest.mark.parametrize(
    "area",
    [Box(0.1, 0.2, 0.5, 0.5), Box(0, 0, 0.3, 0.1), Box(0.9, 0.95, 1, 1), Box(0, 0, 1, 1), Box(0.4, 0, 0.5, 0.99)],
)
def test_an_area_is_whole_and_large_in_its_view_and_nothing_beside_the_page_is_seen(area):
    view = framed(area)
    part = seen(view)
    assert part.left <= area.left + 1e-3
    assert part.top <= area.top + 1e-3
    assert part.right >= area.right - 1e-3
    assert part.bottom >= area.bottom - 1e-3
    assert min(part.left, part.top) >= -1e-3
    assert max(part.right, part.bottom) <= 1 + 1e-3
    longest = max(area.right - area.left, area.bottom - area.top)
    assert view.zoom == CLOSEST or 1 / view.zoom <= longest + 0.05


def test_a_page_without_places_is_seen_whole():
    assert framed(None) == (1, 0.5, 0.5)


def test_what_is_cut_out_has_a_little_room_and_stays_within_the_picture():
    assert clip_of(Box(0.25, 0.5, 0.75, 0.75), 1000, 2000) == (240, 980, 520, 540)
    assert clip_of(Box(0, 0, 1, 1), 1000, 2000) == (0, 0, 1000, 2000)


def test_a_box_as_css():
    box = Box(0.1, 0.25, 0.4, 0.3)
    assert box_style(box) == "left:10.000%;top:25.000%;width:30.000%;height:5.000%"
    assert corners(box, [(0.1, 0.25), (0.25, 0.3)]) == "0.00% 0.00%,50.00% 100.00%"


@pytest.fixture
def site(tmp_path, embedder, generator):
    """Two pages in one PDF, the first with two articles; a text with a picture beside it; one without."""
    (tmp_path / "2031-05-06").mkdir()
    write_pdf(
        tmp_path / "2031-05-06" / "01.pdf",
        [HEADLINE, *LINES, OTHER_HEADLINE, *OTHER_LINES],
        [NEXT_HEADLINE, *NEXT_LINES],
    )
    (tmp_path / "2031-05-06" / "03.md").write_text(
        "# 夜市开张\n\n本报讯（记者 甲乙）夜市昨晚开张。\n", encoding="utf-8"
    )
    Image.new("L", (300, 400), 245).save(tmp_path / "2031-05-06" / "03.png")
    (tmp_path / "2031-05-06" / "04.md").write_text("# 鱼汛将至\n\n本报讯（记者 甲乙）鱼汛将至。\n", encoding="utf-8")
    build([tmp_path / "2031-05-06"], tmp_path / "archive", embedder, PassageSettings())
    archive = Archive.open(tmp_path / "archive", Settings(embedder={"model": "fake"}))
    archive.embedder, archive._generator = embedder, generator
    return Site(archive, History(tmp_path / "history.sqlite"))


def articles(site):
    return {article.title: article for article in site.archive.store.catalogue.issue("2031-05-06")}


@pytest.fixture
def client(site):
    return TestClient(create_app(site))


def test_the_pages_of_an_issue_stand_in_order_with_their_articles(site):
    held = articles(site)
    catalogue = site.archive.store.catalogue
    leaves = catalogue.leaves(held["渡口加开夜班"].id)
    assert [(leaf.picture.source[-6:], leaf.picture.sheet, leaf.page) for leaf in leaves] == [
        ("01.pdf", 1, 1),
        ("01.pdf", 2, 1),
        ("/03.md", 1, 3),
    ]
    assert leaves[0].articles == (held["渡口加开夜班"].id, held["夜校添设算术科"].id)
    assert catalogue.leaves("nowhere") == []


def test_what_is_cited_is_marked_on_its_page_and_no_other(site):
    held, catalogue = articles(site), site.archive.store.catalogue
    article = held["石桥修缮完工"]
    page = printed(catalogue, article.id, 0, 5)
    assert (page.number, page.last, len(page.marked)) == (1, 2, 1)
    assert [(outline.article.title, outline.current) for outline in page.outlines] == [("石桥修缮完工", True)]
    before = printed(catalogue, article.id, 0, 5, 0)
    assert (before.marked, before.clip, before.view) == ((), None, (1, 0.5, 0.5))
    assert not any(outline.current for outline in before.outlines)
    assert printed(catalogue, article.id, number=3) is None
    assert printed(catalogue, held["鱼汛将至"].id) is None


def test_a_picture_whose_articles_have_no_places_lists_them(site, client):
    page = client.get(f"/pages/{articles(site)['夜市开张'].id.replace('#', '%23')}").text
    assert "这一版上的文章" in page
    assert re.search(r'<a class="read" href="/articles/2031-05-06/03.md%231[^"]*">夜市开张</a>', page)
    assert 'class="outline' not in page


def test_only_an_article_with_a_picture_has_two_views(site, client):
    held = {title: article.id.replace("#", "%23") for title, article in articles(site).items()}
    with_one = client.get(f"/articles/{held['渡口加开夜班']}?start=0&end=5").text
    assert with_one.count('role="tab"') == 2
    assert f'href="/pages/{held["渡口加开夜班"]}?lang=zh&amp;start=0&amp;end=5"' in with_one
    ids = re.findall(r'\bid="([^"]+)"', with_one)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'aria-(?:controls|labelledby)="((?:text|page)[^"]+)"', with_one)) <= set(ids)
    assert 'role="tab"' not in client.get(f"/articles/{held['鱼汛将至']}").text
    assert client.get(f"/pages/{held['鱼汛将至']}").status_code == 404
    assert client.get(f"/pages/{held['渡口加开夜班']}?number=-1").status_code == 422


def test_a_page_names_itself_and_its_neighbours(site, client):
    identity = articles(site)["渡口加开夜班"].id.replace("#", "%23")
    page = client.get(f"/pages/{identity}", headers={"X-Fragment": "1"}).text
    assert 'alt="版面图：2031-05-06 第1版"' in page
    assert 'rel="next"' in page
    assert 'rel="prev"' not in page
    assert 'data-reference="渡口加开夜班[N]. 2031-05-06(1)."' in page
    last = client.get(f"/pages/{identity}?number=2", headers={"X-Fragment": "1"}).text
    assert ('rel="next"' in last, 'rel="prev"' in last, "data-clip" in last) == (False, True, False)
    assert "<script" not in page + last


def areas_in(html):
    """The titles that areas of articles are named by, and what they open."""
    links = re.findall(r'<a class="outline read"[^>]*href="([^"]+)" aria-label="([^"]+)"', html)
    return {title: url for url, title in links}


def test_an_issue_is_shown_page_by_page_with_its_pictures(site):
    pages = issue_pages(site.archive.store.catalogue, "2031-05-06")
    shown = [
        (page.page, [article.title for article in page.articles], [sheet.number for sheet in page.sheets])
        for page in pages
    ]
    assert shown == [
        (1, ["渡口加开夜班", "夜校添设算术科", "石桥修缮完工"], [0, 1]),
        (3, ["夜市开张"], [2]),
        (4, ["鱼汛将至"], []),
    ]
    assert [page.continued for page in pages] == [(), (), ()]
    assert issue_pages(site.archive.store.catalogue, "1999-01-01") == []


def test_an_issues_pictures_open_their_pages_and_the_articles_on_them(site):
    catalogue = site.archive.store.catalogue
    html = issue_view(Renderer("zh"), catalogue, "2031-05-06")
    strip = html[html.index('class="strip"') : html.index("</nav>", html.index('class="strip"'))]
    assert re.findall(r'href="(/issues/[^"?]+)', strip) == [f"/issues/2031-05-06/pages/{n}" for n in range(3)]
    images = [leaf.picture.image for leaf in catalogue.issue_leaves("2031-05-06")]
    assert re.findall(r'src="/thumbnails/(\w+)"', strip) == images
    held = articles(site)
    urls = {title: f"/articles/{held[title].id.replace('#', '%23')}?lang=zh#cited" for title in held}
    drawn = ("渡口加开夜班", "夜校添设算术科", "石桥修缮完工")
    assert areas_in(html) == {title: urls[title] for title in drawn}
    for title, url in urls.items():  # the list says all of it, with pictures or without
        assert f'<a class="read" href="{url}">{title}</a>' in html
    assert html.count("<ol>") == 4
    assert html.count('class="printed pictured"') == 2


def test_an_article_from_another_page_is_named_where_it_goes_on(site, monkeypatch):
    catalogue = site.archive.store.catalogue
    first, second, third = catalogue.issue_leaves("2031-05-06")
    longer = replace(third, articles=(articles(site)["渡口加开夜班"].id, *third.articles))
    monkeypatch.setattr(type(catalogue), "issue_leaves", lambda self, date: [first, second, longer])
    page = issue_pages(catalogue, "2031-05-06")[1]
    assert [article.title for article in page.continued] == ["渡口加开夜班"]
    assert "起自第1版" in issue_view(Renderer("zh"), catalogue, "2031-05-06")


def test_a_page_of_an_issue_is_whole_with_every_article_a_link(site):
    catalogue, render = site.archive.store.catalogue, Renderer("zh")
    page = issue_page_view(render, catalogue, "2031-05-06", 0)
    assert set(areas_in(page)) == {"渡口加开夜班", "夜校添设算术科"}
    assert "--zoom:1.0;--x:0.5;--y:0.5" in page
    assert 'rel="next" href="/issues/2031-05-06/pages/1?lang=zh"' in page
    assert 'href="/issues/2031-05-06?lang=zh"' in page
    assert ('rel="prev"' in page, "data-clip" in page) == (False, False)
    last = issue_page_view(render, catalogue, "2031-05-06", 2)
    assert ('rel="next"' in last, "夜市开张" in last) == (False, True)
    for date, number in (("2031-05-06", 3), ("2031-05-06", -1), ("1999-01-01", 0), ("", 0)):
        assert issue_page_view(render, catalogue, date, number) is None


def test_an_article_that_is_no_rectangle_is_outlined_and_cut_along_its_corners(site, monkeypatch):
    held, catalogue = articles(site), site.archive.store.catalogue
    monkeypatch.setattr("rag.web.views.printed.shape", lambda regions, others: ((0.1, 0.1), (0.5, 0.1), (0.1, 0.2)))
    page = printed(catalogue, held["渡口加开夜班"].id)
    width, height = page.leaf.picture.width, page.leaf.picture.height
    assert page.clipped == tuple(
        round(x) for x in (0.1 * width, 0.1 * height, 0.5 * width, 0.1 * height, 0.1 * width, 0.2 * height)
    )
    html = issue_page_view(Renderer("zh"), catalogue, "2031-05-06", 0)
    assert html.count("clip-path:polygon(") == html.count("<polygon points=") == 2
    assert set(areas_in(html.replace("outline shaped read", "outline read"))) == {"渡口加开夜班", "夜校添设算术科"}


def test_a_card_has_the_page_on_which_most_of_what_is_cited_stands(site):
    held, store = articles(site), site.archive.store
    leaves = store.catalogue.issue_leaves("2031-05-06")
    shown = Nearby(lambda: store)
    page = shown.page(held["石桥修缮完工"].id, 0, 5)
    assert (page.picture, page.area.top < 0.1) == (leaves[1].picture, True)
    assert shown.page(held["夜市开张"].id, 0, 5).area is None
    assert shown.page(held["鱼汛将至"].id, 0, 5) is None
    assert shown.page("nowhere", 0, 5) is None
    assert shown.issues_near("2030-01-01", "2030-12-31") == ["2031-05-06"]
    assert shown.issues_near(None, None) == []


def test_a_headline_on_a_picture_stays_text():
    outline = Outline(Article("a", '"><img src=x onerror=alert(1)>', "。"), Box(0, 0, 1, 1), False)
    html = str(Renderer("zh")._environment.get_template("areas.html").module.areas([outline]))
    assert (html.count("<"), html.count(">")) == (2, 2)
    assert 'aria-label="&#34;&gt;&lt;img src=x onerror=alert(1)&gt;"' in html


def test_an_issue_without_pictures_is_its_list(archive):
    catalogue = archive.store.catalogue
    html = issue_view(Renderer("zh"), catalogue, "2025-04-18")
    assert catalogue.issue_leaves("2025-04-18") == []
    assert "<img" not in html
    assert all(article.title in html for article in catalogue.issue("2025-04-18"))


def test_an_empty_chat_shows_the_front_page(site):
    catalogue = site.archive.store.catalogue
    leaves = catalogue.issue_leaves("2031-05-06")
    front = front_page(newest(catalogue), leaves)
    assert front.picture == leaves[0].picture
    shown = {"holdings": "", "may_add": False, "examples": [], "front": front}
    html = Renderer("zh").render("welcome.html", **shown)
    assert re.search(
        rf'<a class="view front-page" href="/issues/2031-05-06\?lang=zh"><img src="/thumbnails/{front.picture.image}"',
        html,
    )
    without = front_page(newest(catalogue))
    assert "<img" not in Renderer("zh").render("welcome.html", **{**shown, "front": without})


def test_addresses_of_an_issues_pages(client):
    assert "夜校添设算术科" in client.get("/issues/2031-05-06/pages/0").text
    assert client.get("/issues/2031-05-06/pages/1", headers={"X-Fragment": "1"}).text.startswith("<section")
    found = [client.get(f"/issues/2031-05-06/pages/{name}").status_code for name in ("3", "-1", "x", "..%2f0")]
    assert found == [404, 404, 422, 404]


class TestInABrowser:
    pytestmark = NEEDED

    @pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["desktop", "phone"])
    def test_an_issue_is_seen_page_by_page(self, browser, site, size):
        with serving(site) as address, opening(browser, address) as open_page:
            page = open_page("/issues/2031-05-06", viewport=dict(zip(("width", "height"), size, strict=True)))
            for image in page.locator(".strip img").all():
                expect(image).not_to_have_js_property("naturalWidth", 0)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert serious(page) == []
            area = page.locator(".small-sheet a.outline[title=夜校添设算术科]")
            area.focus()
            page.keyboard.press("Enter")
            expect(page.locator("#reader .newspaper h2")).to_have_text("夜校添设算术科")
            page.keyboard.press("Escape")
            page.locator(".strip a").nth(1).click()
            expect(page.locator("#reader a.outline")).to_have_attribute("title", "石桥修缮完工")
            page.locator("#reader a[rel=prev]").click()
            expect(page.locator("#reader a.outline")).to_have_count(2)

    def test_the_front_page_opens_its_issue(self, browser, site):
        with serving(site) as address, opening(browser, address) as open_page:
            page = open_page()
            front = page.locator("#chat .front-page img")
            expect(front).to_be_visible()
            page.wait_for_function("document.querySelector('#chat .front-page img').naturalWidth > 0")
            front.click()
            expect(page.locator(".strip")).to_be_visible()

    def test_a_citation_is_seen_on_its_page(self, browser, site):
        site.archive._generator, site.archive._pair = SlowGenerator("渡口昨起每日加开两班渡船。"), FakePairModel()
        with serving(site) as address, opening(browser, address) as open_page:
            page = open_page(accept_downloads=True)
            ask(page, "渡口昨起每日加开几班渡船？")
            page.locator("#chat a.cite").first.click()
            expect(page.locator("#reader mark").first).to_be_visible()
            page.wait_for_function("document.querySelector('#chat .spotted img').naturalWidth > 0")
            expect(page.locator("#chat .spot")).to_be_visible()
            self.mark_covers_the_cited_lines(page)
            self.keys_zoom_and_move(page)
            assert serious(page) == []
            self.clipping_is_saved(page)
            self.others_are_reached(page)

    def mark_covers_the_cited_lines(self, page):
        words = page.locator("#reader mark").first.text_content()
        page.locator("#reader [role=tab][aria-selected=true]").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#reader [role=tab]").nth(1)).to_be_focused()
        expect(page.locator("#reader mark")).to_be_hidden()
        expect(page.locator("#reader .cited-line").first).to_be_visible()
        true = [sides(line) for line in LINES if line[0][:4] in words]
        assert true
        marked = page.evaluate(_FRACTIONS, "#reader .cited-line")
        share, size = covered(true, marked)
        assert share >= 0.9
        assert size <= 1.3
        described = page.locator("#reader img").get_attribute("aria-describedby")
        assert words in page.locator(f"#{described}").text_content()

    def keys_zoom_and_move(self, page):
        frame = page.locator("#reader .sheet-frame")
        frame.focus()
        place = lambda: page.evaluate(_FRACTIONS, "#reader .sheet-frame")[0]  # noqa: E731
        page.keyboard.press("0")
        assert place() == pytest.approx([0, 0, 1, 1], abs=0.01)
        page.keyboard.press("+")
        left, _, right, _ = place()
        assert right - left == pytest.approx(1 / 1.5, abs=0.01)
        page.keyboard.press("ArrowRight")
        assert place()[0] == pytest.approx(left + 0.1 / 1.5, abs=0.01)
        frame.hover()
        page.mouse.wheel(0, -200)
        page.wait_for_function(
            "Number(document.querySelector('#reader .sheet-frame').style.getPropertyValue('--zoom')) > 2"
        )
        page.keyboard.press("0")

    def clipping_is_saved(self, page):
        saved = {}
        left, top, width, height = map(int, page.locator("[data-clip]").get_attribute("data-clip").split())
        half = left + width // 2
        column = f"{left} {top} {half} {top} {half} {top + height} {left} {top + height}"
        page.evaluate("corners => document.querySelector('#reader .cut').dataset.shape = corners", column)
        for form in ("png", "pdf"):
            page.click("#reader .cut summary")
            with page.expect_download() as download:
                page.click(f"#reader [data-form={form}]")
            assert download.value.suggested_filename == f"渡口加开夜班.{form}"
            saved[form] = download.value.path()
        with Image.open(saved["png"]) as clipping:
            assert (clipping.format, clipping.width) == ("PNG", width)
            assert clipping.height > height
            grey = clipping.convert("L")
            assert grey.crop((0, height, width, clipping.height)).getextrema() == (0, 255)  # the reference
            assert grey.crop((0, 0, width // 2, height)).getextrema()[0] < 60
            assert grey.crop((width // 2 + width // 60, 0, width, height)).getextrema() == (255, 255)  # cut away
            size = clipping.size
        document = pypdfium2.PdfDocument(saved["pdf"])
        assert document.get_metadata_dict()["Title"] == "渡口加开夜班[N]. 2031-05-06(1)."
        (sheet,) = document
        (picture,) = sheet.get_objects()
        assert sheet.get_size() == (595, 842)
        assert picture.get_px_size() == size
        assert sheet.render().to_pil().convert("L").getextrema()[0] < 60

    def others_are_reached(self, page):
        page.click("#reader a.outline")
        expect(page.locator("#reader .newspaper h2")).to_have_text("夜校添设算术科")
        expect(page.locator("#reader [role=tab]").nth(1)).to_have_attribute("aria-selected", "true")
        expect(page.locator("#reader .sheet-frame")).to_be_visible()
        page.focus("#reader .sheet-frame")
        page.keyboard.press("PageDown")
        expect(page.locator("#reader a.outline")).to_have_attribute("title", "石桥修缮完工")
        expect(page.locator("#reader .sheet-frame")).to_be_focused()
        page.locator("#reader [role=tab]").first.click()
        expect(page.locator("#reader .newspaper")).to_contain_text("夜校新添算术一科")
