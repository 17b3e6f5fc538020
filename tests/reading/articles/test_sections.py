"""Dumps of a daily: several pages and sections in one file, with lines between them that name them."""

import pytest

from index.reading import read_issue

MILL = "青禾江边的老磨坊昨天挂出邮局的牌子，头一天收了三百封信，排队的人一直站到了桥头。"
FERRY = "渡口公司从今晚起加开两班夜船，末班船夜里十一点半从南岸开出，票价和白天一样。"


def articles(tmp_path, text, name="a.txt"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_issue([(path, name)]).articles


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("第1版：要闻", "第2版：经济"),
        ("## 第1版：要闻", "## 第2版：经济"),
        ("第1版 要闻", "第2版 经济"),
        ("青禾日报 2026年3月4日 第1版 要闻", "青禾日报 2026年3月4日 第2版 经济"),
        ("【要闻】", "【经济】"),
        ("■要闻", "■经济"),
        ("第1版：要闻", "经济"),
    ],
)
@pytest.mark.parametrize("blank", ["\n", "\n\n"], ids=["close", "apart"])
def test_a_headline_below_a_page_s_or_section_s_line_begins_an_article(tmp_path, first, second, blank):
    lines = [first, "磨坊改成邮局", f"　　{MILL}", f"　　{FERRY}", second, "渡口加开夜班船", f"　　{FERRY}"]
    found = articles(tmp_path, blank.join(lines))
    assert [(article.title, article.section, article.body) for article in found] == [
        ("磨坊改成邮局", "要闻", f"{MILL}\n{FERRY}"),
        ("渡口加开夜班船", "经济", FERRY),
    ]


# A crawler's file of a day's e-paper: page lines as the site's contents have them; nothing is set in, nothing signed.
CRAWLED = f"""第01版：要闻
磨坊改成邮局
{MILL}
{FERRY}
第02版：经济
渡口加开夜班船
{FERRY}
第03版：国际
海上灯塔改用太阳能
{MILL}
"""
# A newsroom's own export: the page's line once, its columns in brackets.
EXPORTED = f"""青禾日报 2026年3月4日 星期三 第2版

【要闻】

磨坊改成邮局

{MILL}

{FERRY}

【经济】

渡口加开夜班船

{FERRY}

【国际】

海上灯塔改用太阳能

{MILL}
"""
# A digest that is sent round: columns with a mark, paragraphs set in, articles signed.
DIGEST = f"""■要闻
磨坊改成邮局
本报记者 林砚秋
　　{MILL}
　　{FERRY}
■经济
渡口加开夜班船
本报记者 苏以宁
　　{FERRY}
■国际
海上灯塔改用太阳能
本报记者 顾小满
　　{MILL}
"""


@pytest.mark.parametrize("text", [CRAWLED, EXPORTED, DIGEST], ids=["crawler", "newsroom", "digest"])
def test_the_articles_of_a_day_s_dump_are_those_below_its_pages_and_columns(tmp_path, text):
    assert [(article.title, article.section, article.body) for article in articles(tmp_path, text)] == [
        ("磨坊改成邮局", "要闻", f"{MILL}\n{FERRY}"),
        ("渡口加开夜班船", "经济", FERRY),
        ("海上灯塔改用太阳能", "国际", MILL),
    ]


def test_a_signed_article_ends_at_a_section(tmp_path):
    text = f"第1版：要闻\n\n磨坊改成邮局\n\n{MILL}（记者 林砚秋）\n\n第2版：经济\n\n渡口加开夜班船\n\n{FERRY}"
    assert [article.title for article in articles(tmp_path, text)] == ["磨坊改成邮局", "渡口加开夜班船"]


def test_a_headline_without_text_is_no_part_of_the_next_section_s(tmp_path):
    text = f"# 要闻\n## 雨中的渡口\n# 经济\n## 磨坊改成邮局\n{MILL}\n## 渡口加开夜班船\n{FERRY}\n"
    found = articles(tmp_path, text, "a.md")
    assert [(article.title, article.section) for article in found] == [
        ("雨中的渡口", "要闻"),
        ("磨坊改成邮局", "经济"),
        ("渡口加开夜班船", "经济"),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["磨坊改成邮局", MILL, "教育", FERRY, "体育", MILL],  # subheads: text below
        ["公告", "磨坊改成邮局", f"　　{MILL}"],  # a lone one is a headline
        ["磨坊改成邮局", f"　　{MILL[:20]}", "青禾日报 2026年3月4日 第2版", MILL[20:], f"　　{FERRY}"],  # goes on
    ],
)
def test_what_only_looks_like_a_section_s_line_ends_no_article(tmp_path, lines):
    assert len(articles(tmp_path, "\n".join(lines))) == 1
