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
    assert (region.kind, region.sheet.image, region.sheet.width) == ("area", "b02.jpg", 200)
    assert (region.box.left, region.box.top, region.box.right, region.box.bottom) == (0.2, 0.2, 0.6, 0.6)


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
    ],
)
def test_what_is_not_known_is_not_guessed(tmp_path, picture, areas, name):
    assert regions(tmp_path, picture, areas, name) == ()
