"""Web pages of papers whose headline, kicker and paper only their markup or their title names."""

from index.reading import read_issue

TEXT = "白鹭洲泵站昨天开机试运行，四台机组每小时能排水六千立方米。"
MORE = "站长方砚舟说，去年梅雨期积水最深处有七十厘米，今年应当不会再见到。"


def only(tmp_path, body, title="", head=""):
    path = tmp_path / "a.htm"
    path.write_text(f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>", encoding="utf-8")
    (article,) = read_issue([(path, "a.htm")]).articles
    return article


def test_kicker_and_subtitle_that_a_comment_names(tmp_path):
    article = only(
        tmp_path,
        "<!--enpproperty <date>2027-05-09</date><author>方砚舟</author><title>白鹭洲泵站试机</title>"
        "<subtitle>六千立方米一小时</subtitle><introtitle>洼地收起沙袋</introtitle>/enpproperty-->"
        "<table><tr><td>洼地收起沙袋</td></tr><tr><td><strong>白鹭洲泵站试机</strong></td></tr>"
        "<tr><td>六千立方米一小时</td></tr></table>"
        f"<P>　　{TEXT}</P><table><tr><td><img src=a.jpg></td></tr><tr><td>图为试机现场。计雨荷摄</td></tr></table>"
        f"<P>　　{MORE}</P>",
        "青禾晚报多媒体数字报刊平台",
    )
    assert (article.kicker, article.title, article.subtitle) == ("洼地收起沙袋", "白鹭洲泵站试机", "六千立方米一小时")
    assert (article.paper, article.paragraphs) == ("青禾晚报", [TEXT, MORE])
    assert (article.captions, article.photographers) == (("图为试机现场。",), ("计雨荷",))


def test_parts_that_only_a_class_names(tmp_path):
    article = only(
        tmp_path,
        "<div class=pretitle>洼地收起沙袋</div><div class='title big'>白鹭洲泵站试机</div>"
        f"<div class=subtitle>六千立方米一小时</div><div class=content><p>{TEXT}</p><p>{MORE}</p></div>",
        "青禾晚报",
    )
    assert (article.kicker, article.title, article.subtitle) == ("洼地收起沙袋", "白鹭洲泵站试机", "六千立方米一小时")
    assert article.paragraphs == [TEXT, MORE]


def test_a_class_on_several_elements_names_nothing(tmp_path):
    links = "<div class=title>茶馆</div><div class=title>夏橙</div>"
    article = only(tmp_path, f"<h1>白鹭洲泵站试机</h1><p>{TEXT}</p>{links}")
    assert article.title == "白鹭洲泵站试机"


def test_the_paper_in_the_title_yields_to_the_one_that_the_page_names(tmp_path):
    body = f"<h1>白鹭洲泵站试机</h1><p>{TEXT}</p>"
    assert only(tmp_path, body, "白鹭洲泵站试机-青禾日报").paper == "青禾日报"
    assert only(tmp_path, body, "青禾大学学报-电子版").paper == "青禾大学学报"
    assert only(tmp_path, body, "气象局推出冰雹预报").paper == ""
    line = "<div>2027-05-09 来源：芦湾日报</div>"
    assert only(tmp_path, f"<h1>白鹭洲泵站试机</h1>{line}<p>{TEXT}</p>", "泵站-青禾日报").paper == "芦湾日报"


def test_the_label_of_a_list_of_links_is_no_headline(tmp_path):
    body = (
        "<table><tr><td><table><tr><td>今日要闻</td></tr><tr><td><a>老茶馆重开</a></td></tr>"
        "<tr><td><a>夏橙上市</a></td></tr></table></td><td><table><tr><td align=center>白鹭洲泵站试机</td></tr>"
        f"<tr><td><p>　　{TEXT}</p><p>　　{MORE}</p></td></tr></table></td></tr></table>"
    )
    article = only(tmp_path, body)
    assert (article.title, article.subtitle, article.paragraphs) == ("白鹭洲泵站试机", "", [TEXT, MORE])


def test_an_account_s_line_and_calls_are_no_text(tmp_path):
    article = only(
        tmp_path,
        "<h1 id=activity-name>白鹭洲泵站试机</h1><div id=meta_content><span>原创</span><span>方砚舟</span>"
        "<a id=js_name>青禾日报</a><em id=publish_time>2027年05月09日</em><em>广东</em></div>"
        f"<div id=js_content><section>点击上方蓝字关注我们</section><p>{TEXT}</p><p>{MORE}</p><p>END</p></div>",
        head="<meta property='og:article:author' content='方砚舟'>",
    )
    assert (article.title, article.paper, article.date) == ("白鹭洲泵站试机", "青禾日报", "2027-05-09")
    assert (article.reporters, article.paragraphs) == (("方砚舟",), [TEXT, MORE])


def test_a_caption_is_parted_from_its_photographer(tmp_path):
    article = only(tmp_path, f"<h1>白鹭洲泵站试机</h1><p>{TEXT}</p><p>泵站内景 计雨荷 摄</p><p>{MORE}</p>")
    assert (article.captions, article.photographers) == (("泵站内景",), ("计雨荷",))
    article = only(tmp_path, f"<h1>白鹭洲泵站试机</h1><p>{TEXT}</p><p>图为泵站。<br>孟青禾摄</p><p>{MORE}</p>")
    assert (article.captions, article.photographers) == (("图为泵站。",), ("孟青禾",))
    assert article.paragraphs == [TEXT, MORE]
