"""Feeds, RSS and Atom, whose entries are pages or texts; pages of e-papers as such crawlers keep them."""

import pytest

from index.reading import read_issue

BODY = "青禾江渡口昨晚添了两盏航标灯，一红一绿，夜航的货船不必再靠岸等天亮。"
MORE = "渡口主任陆鹤年说，灯用太阳能，阴天也能亮五夜，每盏花了八百六十元。"
MARKS = "<channel>1</channel><nodeid>0</nodeid><siteid>1</siteid><paperid>77</paperid>"


def page(*, kicker="", title="渡口添了两盏灯", author="", body=BODY, picture=""):
    marks = f"<author>{author}</author><introtitle><p>{kicker}</p></introtitle><title><p>{title}</p></title>{MARKS}"
    line = f'<p class="sec">{author}<span>《青禾日报》（<span>2031年03月05日</span> 第 07 版）</span></p>'
    text = f"{picture}<p>{body}</p><p>{MORE}</p>"
    return (
        f"<div><h3><p>{kicker}</p></h3><h1><p>{title}</p></h1><h2></h2>{line}<div>{text}"
        f"<!--enpproperty <date>2031-03-05 00:00:00:0</date>{marks}/enpproperty--></div></div>"
    )


def feed(*items, title="青禾日报 - 每日全文"):
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{"".join(items)}</channel></rss>'


def item(description, title="[07版：文化] 渡口添了两盏灯", link="https://a.example/c/content_12.html"):
    return f"<item><title>{title}</title><link>{link}</link><description><![CDATA[{description}]]></description></item>"


def read(tmp_path, text, name="qinghe.xml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_issue([(path, name)])


def test_an_entry_is_the_article_of_its_page(tmp_path):
    [article] = read(tmp_path, feed(item(page(kicker="夜航不必等天亮")))).articles
    assert (article.kicker, article.title, article.body) == ("夜航不必等天亮", "渡口添了两盏灯", f"{BODY}\n{MORE}")
    assert (article.paper, article.date, article.page, article.section) == ("青禾日报", "2031-03-05", 7, "文化")
    assert article.id == "qinghe.xml/content_12.html#1"


def test_an_entry_of_plain_text_has_the_feed_s_facts(tmp_path):
    entry = (
        f"<item><title>渡口添了两盏灯</title><pubDate>Tue, 04 Mar 2031 22:40:00 GMT</pubDate>"
        f"<description>{BODY}</description></item><item><title>空</title></item>"
    )
    found = read(tmp_path, feed(entry))
    [article] = found.articles
    assert (article.title, article.body, article.paper) == ("渡口添了两盏灯", BODY, "青禾日报")
    assert article.date == "2031-03-05", "the day in China"
    assert any("1 条没有正文" in note for note in found.warnings)


def test_atom_may_hold_its_text_as_elements(tmp_path):
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>青禾日报</title><entry><title>渡口添了两盏灯</title>'
        "<author><name>陆小满</name></author><published>2031-03-05T06:00:00+08:00</published>"
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{BODY}</p></div></content></entry></feed>'
    )
    [article] = read(tmp_path, text, "a.atom").articles
    assert (article.title, article.body, article.date) == ("渡口添了两盏灯", BODY, "2031-03-05")
    assert article.reporters == ("陆小满",)


def test_a_feed_without_texts_says_so(tmp_path):
    assert "没有带正文的条目" in read(tmp_path, feed("<item><title>空</title></item>")).failed[0]


def test_an_e_paper_s_own_numbers_are_no_page(tmp_path):
    [article] = read(tmp_path, page(), "content_12.html").articles
    assert article.page == 7


@pytest.mark.parametrize("opening", ["", "本报青禾3月4日电 （记者陆小满）"])
def test_the_line_that_names_the_page_is_no_second_headline(tmp_path, opening):
    [article] = read(tmp_path, page(body=opening + BODY), "content_12.html").articles
    assert (article.title, article.body) == ("渡口添了两盏灯", f"{BODY}\n{MORE}")


def test_an_author_with_a_place_is_cut_from_the_line_that_names_the_page(tmp_path):
    [article] = read(tmp_path, page(author="青禾省江口市 陆小满"), "content_12.html").articles
    assert (article.reporters, article.paper, article.body) == (("陆小满",), "青禾日报", f"{BODY}\n{MORE}")


def test_a_caption_in_a_picture_s_own_mark_is_kept_with_who_took_it(tmp_path):
    mark = "&lt;p&gt;图为渡口的航标灯。&lt;/p&gt;&lt;p&gt;本报记者 沈南乔摄&lt;/p&gt;"
    [article] = read(
        tmp_path, page(picture=f'<p><img src="a.jpg" data-original-title="{mark}"></p>'), "a.html"
    ).articles
    assert (article.captions, article.photographers) == (("图为渡口的航标灯。",), ("沈南乔",))
    assert article.body == f"{BODY}\n{MORE}"
