"""Texts printed twice are seen as such, wherever in them the smallest shingles are."""

from dataclasses import replace

from index.article import Article
from index.reading.articles.reprints import link_reprints, shingles, sketch

BODY = (
    "环岛公交自下月起增开夜班车，末班车延到二十三点，途经码头、医院和夜市三站。"
    "公交公司说，试运行一个月里每晚有四百多人乘坐，其中一半是下夜班的护士和码头工人。"
    "票价与白天相同，持老年卡的乘客照样免费，雨雪天气另派两辆备用车在总站待命，乘客可以提前电话预约。"
    "住在北岸的护士陆听雪说，以前下了夜班只能等到天亮再走，如今四十分钟就能到家，还赶得上给女儿做早饭。"
    "运管部门将在年底再看客流，若满座的班次超过三成，便把间隔从半小时缩到二十分钟，并考虑延伸到新区的职工宿舍。"
)


def test_texts_that_differ_only_in_their_dateline_are_reprints():
    first = Article("a#1", "夜班车", f"04/03/31 10:20 {BODY}", source="a")
    second = replace(first, id="a#2", body=f"17/09/28 23:59 {BODY}")
    assert not set(sorted(shingles(first.body))[:8]) & set(sorted(shingles(second.body))[:8])
    assert set(sketch(shingles(first.body))) & set(sketch(shingles(second.body)))
    (kept,) = link_reprints([first, second])
    assert kept.reprints == ("a#2",)


def test_two_files_of_one_page_are_versions_and_not_reprints():
    first = Article("a.md#1", "夜班车", BODY, date="2031-03-04", paper="江州晨报", pages=(1,), source="a.md")
    version = replace(first, id="b.md#1", source="b.md")
    assert link_reprints([first, version]) == [first, version]
    assert len(link_reprints([first, replace(version, pages=(2,))])) == 1
