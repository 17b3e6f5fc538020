"""Pages of news sites and dumps of a day: an article among links, sections, fields that say several things."""

import pytest

from index.reading import read_issue

TITLE = "老水塔改成夜校"
PARAGRAPHS = (
    "青禾市北门外的老水塔空了二十年，昨天晚上第一次亮灯，楼下坐了六十名来上夜校的工人。",
    "校长沈砚秋说，夜校先开识图、电工、珠算三门课，每门课收费十二元，教材由三家工厂合买。",
    "水塔外墙没有刷新，只在塔顶装了一只钟。老住户说，从前听水声，往后听钟声，也算没有白住。",
)
MORE = "".join(f'<li><a href="/n/{n}.html">青禾市第{n}号街道完成了路灯更换工程</a></li>' for n in range(1, 24))


def site(body, title=f"{TITLE}｜即时｜青禾新闻网", head=""):
    return (
        f'<html><head><title>{title}</title><meta property="og:title" content="{title}">{head}</head><body>'
        f"<div class='nav'><h1>青禾新闻网</h1><ul>{MORE}</ul></div><h2>热门影音更多</h2><div>LIVE</div>"
        f"{body}<h2>推荐阅读</h2><ul>{MORE}</ul><h3>关注我们</h3><p>加入青禾新闻网粉丝团！</p></body></html>"
    )


def read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_issue([(path, name)])


def paragraphs(*texts):
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_headline_that_the_head_names_is_the_page_s_only_article(tmp_path, level):
    found = read(tmp_path, "a.html", site(f"<h{level}>{TITLE}</h{level}>{paragraphs(*PARAGRAPHS)}"))
    [article] = found.articles
    assert (article.title, article.body.split("\n")) == (TITLE, list(PARAGRAPHS))


def test_headings_inside_the_article_stay_and_time_and_date_side_by_side_are_no_text(tmp_path):
    line = "<p><span>15:31</span><span>2031/03/04</span></p>"
    body = f"<h2>{TITLE}</h2>{line}{paragraphs(PARAGRAPHS[0])}<h4>三门课</h4>{paragraphs(*PARAGRAPHS[1:])}"
    [article] = read(tmp_path, "a.html", site(body)).articles
    assert article.date == "2031-03-04"
    assert article.body.split("\n") == [PARAGRAPHS[0], "三门课", *PARAGRAPHS[1:]]


def test_a_page_that_names_no_headline_it_shows_keeps_its_headings(tmp_path):
    shown = zip(("桥修好了", "河清了"), PARAGRAPHS, strict=False)
    body = "".join(f"<h2>{name}</h2>{paragraphs(text)}" for name, text in shown)
    titles = [article.title for article in read(tmp_path, "a.html", site(body, "青禾新闻网")).articles]
    assert {"桥修好了", "河清了"} <= set(titles)


def test_sites_and_papers_are_no_reporters_of_theirs(tmp_path):
    for name, expected in (("青禾时报", ()), ("沈南乔", ("沈南乔",))):
        head = f'<meta name="author" content="{name}">'
        [article] = read(tmp_path, "a.html", site(f"<h1>{TITLE}</h1>{paragraphs(*PARAGRAPHS)}", head=head)).articles
        assert article.reporters == expected


def test_a_section_between_the_day_and_its_articles_is_neither(tmp_path):
    text = "# 《青禾新闻》 (20310304)\n\n## 新闻摘要\n\n本期有两条。\n\n## 详细新闻\n\n" + "".join(
        f"### {title}\n\n{text}\n\n[查看原文](https://news.example/{n})\n\n"
        for n, (title, text) in enumerate(zip(("夜校开课", "水塔亮灯"), PARAGRAPHS, strict=False))
    )
    found = read(tmp_path, "a.md", text + "---\n\n(更新时间戳: 1930464000000)\n").articles
    assert [(a.title, a.section, a.paper, a.date) for a in found[1:]] == [
        ("夜校开课", "详细新闻", "青禾新闻", "2031-03-04"),
        ("水塔亮灯", "详细新闻", "青禾新闻", "2031-03-04"),
    ]
    assert [a.body for a in found] == ["本期有两条。", *PARAGRAPHS[:2]]


def test_a_headline_with_a_subtitle_and_subheads_is_no_section(tmp_path):
    parts = zip(("# 夜校在水塔里开课\n\n## 从水塔到课堂", "## 三门课", "## 一只钟"), PARAGRAPHS, strict=True)
    text = "".join(f"{heads}\n\n{text}\n\n" for heads, text in parts)
    [article] = read(tmp_path, "a.md", text).articles
    assert (article.title, article.subtitle, article.section) == ("夜校在水塔里开课", "从水塔到课堂", "")


def test_a_field_that_labels_several_things_tells_them(tmp_path):
    rows = "page,publish_raw,title_raw,text_raw\n"
    rows += f"7,大公報 日期：1938-02-01 版次/卷期：02 版 本市消息,水塔亮燈,{PARAGRAPHS[0]}\n7,...,...,...\n"
    found = read(tmp_path, "a.csv", rows)
    [article] = found.articles
    assert (article.paper, article.date, article.pages) == ("大公報", "1938-02-01", (2,))
    assert len(found.failed) == 1  # the row without text is said


def test_a_field_that_labels_a_time_alone_is_no_imprint(tmp_path):
    [article] = read(
        tmp_path, "a.csv", f"note,title,text\n时间：上午九点 地点：礼堂,夜校开课,{PARAGRAPHS[0]}\n"
    ).articles
    assert (article.date, article.paper, article.pages) == (None, "", ())
