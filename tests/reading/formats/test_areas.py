"""Where an e-paper's page says that the article stands on the page's picture."""

import pytest
from PIL import Image

from index.reading import read_issue

TITLE = "磨坊改成邮局"
TEXT = "青禾江边的老磨坊昨天挂出邮局的牌子，头一天收了三百封信。"
AREAS = (
    '<map name="PagePicMap"><area shape="polygon" coords="40,60,120,60,120,180,40,180" href="content_7.htm">'
    '<area shape="rect" coords="130,60,190,90" href="content_8.htm"></map>'
)


def regions(tmp_path, picture, areas=AREAS, name="content_7.htm"):
    page = f"<html><body>{picture}{areas}<h1>{TITLE}</h1><p>{TEXT}</p></body></html>"
    path = tmp_path / name
    path.write_text(page, encoding="utf-8")
    [article] = read_issue([(path, name)]).articles
    assert (article.title, article.body) == (TITLE, TEXT)
    return article.regions


SHOWN = '<img src="page/b02.jpg" usemap="#PagePicMap" width="200" height="300px">'


def test_the_area_that_leads_to_the_page_itself_is_its_article_s(tmp_path):
    [region] = regions(tmp_path, SHOWN)
    assert (region.kind, region.sheet.image, region.sheet.width) == ("area", "page/b02.jpg", 200)
    assert (region.box.left, region.box.top, region.box.right, region.box.bottom) == (0.2, 0.2, 0.6, 0.6)
    assert region.points == ()
    stair = AREAS.replace("120,180,40,180", "120,90,80,90,80,180,-9,180")
    [region] = regions(tmp_path, SHOWN, stair)
    assert region.points == ((0.2, 0.2), (0.6, 0.2), (0.6, 0.3), (0.4, 0.3), (0.4, 0.6), (0, 0.6))


def test_the_saved_picture_tells_its_size(tmp_path):
    Image.new("L", (400, 600)).save(tmp_path / "b02.jpg")
    [region] = regions(tmp_path, '<img src="b02.jpg" usemap="#PagePicMap">')
    assert (region.box.left, region.box.top) == (0.1, 0.1)


@pytest.mark.parametrize(
    ("picture", "areas", "name"),
    [
        (SHOWN, AREAS, "content_9.htm"),  # another article's page
        ('<img src="../b02.jpg" usemap="#PagePicMap">', AREAS, "content_7.htm"),  # a picture of no known size
        (SHOWN, AREAS.replace("40,60,120,60,120,180,40,180", "1,x"), "content_7.htm"),
        (SHOWN, AREAS.replace("polygon", "circle"), "content_7.htm"),
        (SHOWN.replace("200", "0"), AREAS, "content_7.htm"),
        (SHOWN.replace("#PagePicMap", "#other"), AREAS, "content_7.htm"),
        (SHOWN.replace("page/b02.jpg", "http://[b02.jpg"), AREAS, "content_7.htm"),  # no address
        (SHOWN, AREAS.replace('href="', 'href="http://['), "content_7.htm"),
    ],
)
def test_what_is_not_known_is_not_guessed(tmp_path, picture, areas, name):
    assert regions(tmp_path, picture, areas, name) == ()


def edition(tmp_path, pages):
    """The articles' areas of pages saved in a folder, by headline: page, picture and upper left corner."""
    for name, html in pages.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"<html><body>{html}</body></html>", encoding="utf-8")
    articles = read_issue([(tmp_path / name, name) for name in sorted(pages, reverse=True)]).articles
    return {
        article.title: [
            (region.page, region.sheet.image, region.box.left, region.box.top)
            for region in article.regions
            if region.kind == "area"
        ]
        for article in articles
    }


def node(number, *areas):
    drawn = "".join(f'<area shape="rect" coords="{coords}" href="{href}">' for coords, href in areas)
    links = "".join(f'<li><a href="{href}">标题</a></li>' for _, href in areas)
    picture = f'<img src="page/b0{number}.jpg" usemap="#m" width="200" height="300">'
    return f'<p>第0{number}版：要闻</p>{picture}<map name="m">{drawn}</map><ul>{links}</ul>'


def content(title):
    return f"<h1>{title}</h1><p>{TEXT}</p>"


def test_areas_of_a_page_of_contents_are_its_articles(tmp_path):
    found = edition(
        tmp_path,
        {
            "node_2.htm": node(2, ("40,60,120,180", "content_7.htm?div=-1"), ("130,60,190,90", "./content_8.htm")),
            "node_3.htm": node(3, ("20,30,60,90", "http://paper.example/html/content_9.htm")),
            "content_7.htm": content("磨坊改成邮局"),
            "content_8.htm": content("渡口加开夜班船"),
            "content_9.htm": content("老桥下月封闭"),
            "content_10.htm": content("灯塔亮了"),
        },
    )
    assert found == {
        "磨坊改成邮局": [(2, "page/b02.jpg", 0.2, 0.2)],
        "渡口加开夜班船": [(2, "page/b02.jpg", 0.65, 0.2)],
        "老桥下月封闭": [(3, "page/b03.jpg", 0.1, 0.1)],
        "灯塔亮了": [],
    }


def test_an_article_on_two_pages_has_areas_on_both(tmp_path):
    area = ("20,30,60,90", "content_7.htm")
    pages = {"node_1.htm": node(1, area), "node_4.htm": node(4, area), "content_7.htm": content("磨坊改成邮局")}
    [places] = edition(tmp_path, pages).values()
    assert sorted(places) == [(1, "page/b01.jpg", 0.1, 0.1), (4, "page/b04.jpg", 0.1, 0.1)]


def test_another_article_s_page_that_shows_the_picture_serves_where_no_contents_do(tmp_path):
    shown = f'<img src="b02.jpg" usemap="#PagePicMap" width="200" height="300">{AREAS}'
    pages = {"content_7.htm": content("磨坊改成邮局") + shown, "content_8.htm": content("渡口加开夜班船")}
    found = edition(tmp_path, pages)
    assert [places[0][2] for places in found.values()] == [0.65, 0.2]


def test_articles_may_lie_in_another_folder_than_their_contents(tmp_path):
    area = ("20,30,60,90", "../content/c7.html")
    found = edition(tmp_path, {"layout/node_02.html": node(2, area), "content/c7.html": content("磨坊改成邮局")})
    assert [[place[1] for place in places] for places in found.values()] == [["../layout/page/b02.jpg"]]
