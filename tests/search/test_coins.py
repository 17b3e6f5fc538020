"""What Zotero's translator of COinS takes from an article's page."""

from dataclasses import replace
from urllib.parse import unquote

from lxml import html

from index.article import Article
from rag.web.rendering.render import Renderer

ARTICLE = Article(
    "a#1",
    "渡口加开夜班",
    "正文。",
    date="2025-04-18",
    paper="江州劳动报",
    pages=(1, 3),
    reporters=("丁一鸣", "欧阳明"),
    correspondents=("顾小满", "丁一鸣"),
)


def taken(article):
    """Read the page as Zotero does: spans by class, parts at ``&``, key and value at ``=``, ``+`` a space."""
    (span,) = html.fromstring(Renderer("zh").article(article)).xpath("//span[contains(@class, 'Z3988')][@title]")
    assert len(span) == 0
    item = {"creators": []}
    for part in span.get("title").split("&"):
        key, value = part.split("=")
        read = unquote(value.replace("+", " ").replace("%2B", " "), errors="strict")
        if key == "rft.au":
            item["creators"].append(read)
        else:
            item[key] = read
    return item


def test_an_article_is_a_newspaper_article_with_all_that_is_known():
    assert taken(ARTICLE) == {
        "ctx_ver": "Z39.88-2004",
        "rft_val_fmt": "info:ofi/fmt:kev:mtx:dc",
        "rft.type": "newspaperArticle",
        "rft.title": "渡口加开夜班",
        "rft.source": "江州劳动报",
        "creators": ["丁一鸣", "欧阳明", "顾小满"],
        "rft.date": "2025-04-18",
        "rft.pages": "1,3",
        "rft.language": "zh-CN",
    }


def test_what_is_not_known_is_left_out():
    item = taken(Article("a#1", "", "正文。"))
    assert item["rft.title"] == "a#1"
    assert item.keys() & {"rft.source", "rft.date", "rft.pages"} == set()
    assert item["creators"] == []


def test_a_hostile_headline_stays_a_value():
    title = """"></span><script>alert(1)</script>&rft.au=假名&amp;%26='题'"""
    item = taken(replace(ARTICLE, title=title, paper="报=名&rft.type=book"))
    assert (item["rft.title"], item["rft.source"]) == (title, "报=名&rft.type=book")
    assert (item["rft.type"], len(item["creators"])) == ("newspaperArticle", 3)
