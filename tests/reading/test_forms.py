"""The forms that real sources have, a small page of each: what must come out of it."""

import json

import pytest

from index.reading import read_issue

TEXT = "江州老城的水文站昨天换上了新水尺，每小时报一次水位。"
MORE = "站长顾小满说，新水尺能量到十二米，夜里也看得清。"


def read(tmp_path, name, text, encoding="utf-8"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_issue([(path, name)])


def only(tmp_path, name, text):
    issue = read(tmp_path, name, text)
    assert len(issue.articles) == 1, [(a.title, a.body) for a in issue.articles]
    return issue.articles[0]


# Web pages

PAGE = "<html><head><title>{title}</title></head><body>{body}</body></html>"


@pytest.mark.parametrize(
    "foot",
    [
        "上一篇 下一篇",
        "<a href='#'>上一篇</a>：<a href='#'>春水初涨</a>",
        "分享到：微信 QQ空间 新浪微博",
        "[打印] [关闭] [返回目录]",
        "放大 缩小 默认",
        "字体：大 中 小",
        "来源：江州日报",
        "责任编辑：苏以宁",
        "版权所有 江州日报社 未经授权不得转载",
        "Copyright © 2025 江州日报 All Rights Reserved",
        "苏ICP备00000000号-1",
        "扫码关注江州日报客户端",
        "《江州日报》（2025年04月18日 第02版）",
        "浏览次数：1024",
        "本网站建议使用IE9以上浏览器访问",
    ],
)
def test_the_foot_of_a_web_page_is_no_text(tmp_path, foot):
    body = f"<h1>水文站换新尺</h1><p>{TEXT}</p><p>{MORE}</p><div>{foot}</div>"
    article = only(tmp_path, "a.htm", PAGE.format(title="", body=body))
    assert (article.title, article.paragraphs) == ("水文站换新尺", [TEXT, MORE])


@pytest.mark.parametrize(
    "page",
    [
        f"<html><head><title>水文站换新尺</title><body><h1>水文站换新尺</h1><p>{TEXT}</p>",
        f"<html><body><noscript><img src='a.gif'><h1>水文站换新尺</h1><p>{TEXT}</p></body></html>",
        f"<html><body><nav><a>首页</a><h1>水文站换新尺</h1><p>{TEXT}</p></body></html>",
        f"<html><body><!-- 没有写完<h1>水文站换新尺</h1><p>{TEXT}</p></body></html>",
        f"<html><body><h1>水文站换新尺</h1><p>{TEXT}</p><script>var a = 1;</body></html>",
        f"<html><head><style>p {{}}<body><h1>水文站换新尺</h1><p>{TEXT}</p></body></html>",
    ],
)
def test_what_is_never_closed_hides_no_text(tmp_path, page):
    article = only(tmp_path, "a.html", page)
    assert article.title == "水文站换新尺"
    assert TEXT in article.body


@pytest.mark.parametrize(
    ("line", "reporters", "date", "page", "paper"),
    [
        ("作者：林砚秋 《江州日报》（2025年04月18日 第03版）", ("林砚秋",), "2025-04-18", 3, "江州日报"),
        ("林砚秋 顾小满 《江州日报》( 2025年04月18日 A03 版)", ("林砚秋", "顾小满"), "2025-04-18", 3, "江州日报"),
        ("2025-04-18 09:12 来源：江州日报 作者：林砚秋", ("林砚秋",), "2025-04-18", None, "江州日报"),
        ("来源：江州日报　记者：林砚秋　时间：2025年4月18日　点击：33", ("林砚秋",), "2025-04-18", None, "江州日报"),
        ("江州日报 第8686期:第03版 2025年04月18日", (), "2025-04-18", 3, "江州日报"),
        ("版次：A03　发布日期：2025-04-18　作者：林砚秋", ("林砚秋",), "2025-04-18", 3, ""),
    ],
)
def test_the_line_under_a_headline_tells_who_when_and_where(tmp_path, line, reporters, date, page, paper):
    body = f"<h1>水文站换新尺</h1><div>{line}</div><p>{TEXT}</p>"
    article = only(tmp_path, "a.htm", PAGE.format(title="", body=body))
    assert (article.title, article.body) == ("水文站换新尺", TEXT)
    assert (article.reporters, article.date, article.page, article.paper) == (reporters, date, page, paper)


def test_an_e_paper_article_in_layout_tables(tmp_path):
    body = (
        "<!--enpproperty <articleid>7</articleid><date>2025-04-18 00:00:00</date><author>林砚秋</author>"
        "<title>水文站换新尺</title><introtitle>汛期前的准备</introtitle>"
        "<nodename>第03版：城事</nodename> /enpproperty-->"
        "<table><tr><td>第03版：城事</td><td><a>上一版</a></td><td><a>下一版</a></td></tr></table>"
        "<table><tr><td>汛期前的准备</td></tr><tr><td><founder-title>水文站换新尺</founder-title></td></tr>"
        "<tr><td>——江州水文站见闻</td></tr></table>"
        f"<founder-content><P>　　{TEXT}</P><P>　　{MORE}</P></founder-content>"
        "<table><tr><td><a>上一篇</a></td><td><a>下一篇</a></td></tr></table>"
    )
    article = only(tmp_path, "content_3.htm", PAGE.format(title="江州日报数字报", body=body))
    assert (article.kicker, article.title, article.subtitle) == ("汛期前的准备", "水文站换新尺", "——江州水文站见闻")
    assert (article.reporters, article.date, article.page, article.section) == (("林砚秋",), "2025-04-18", 3, "城事")
    assert article.paragraphs == [TEXT, MORE]


@pytest.mark.parametrize(
    "body",
    [
        "<ul><li><a href=1>水文站换新尺</a></li><li><a href=2>春水初涨</a></li></ul><div>第03版：城事</div>",
        "<div>江州日报</div><div>2025年4月18日 星期五</div><map><area href=1></map>"
        "<li><a>水文站换新尺</a></li><p><a>下一版</a></p>",
        "<h2>第03版：城事</h2><ul><li><a>水文站换新尺</a></li></ul><h2>第04版：副刊</h2><ul><li><a>春水初涨</a></li></ul>",
    ],
)
def test_a_contents_page_has_no_article_and_says_so(tmp_path, body):
    issue = read(tmp_path, "node_3.htm", PAGE.format(title="江州日报", body=body))
    assert issue.articles == []
    assert "目录页" in issue.warnings[0]


def test_a_headline_that_only_the_head_names(tmp_path):
    body = f"<div class=t>水文站换新尺</div><div><p>　　{TEXT}</p></div>"
    assert only(tmp_path, "a.htm", PAGE.format(title="江州日报-水文站换新尺", body=body)).title == "水文站换新尺"
    article = only(tmp_path, "b.htm", PAGE.format(title="水文站换新尺_江州日报", body=f"<p>{TEXT}</p>"))
    assert (article.title, article.body) == ("水文站换新尺", TEXT)


def test_page_headings_with_articles_below(tmp_path):
    body = (
        f"<h1>江州日报 2025年4月18日</h1><h2>第03版：城事</h2><h3>水文站换新尺</h3><p>{TEXT}</p>"
        f"<h2>第04版：副刊</h2><h3>春水初涨</h3><p>{MORE}</p>"
    )
    first, second = read(tmp_path, "a.htm", PAGE.format(title="", body=body)).articles
    assert (first.title, first.page, first.section, first.date) == ("水文站换新尺", 3, "城事", "2025-04-18")
    assert (second.title, second.page, second.section, second.paper) == ("春水初涨", 4, "副刊", "江州日报")


def test_a_public_account_s_article(tmp_path):
    body = (
        "<h1 id='activity-name'> 水文站换新尺 </h1><span>原创</span><span id='js_author_name'>林砚秋</span>"
        "<a id='js_name'> 江州日报 </a><em id='publish_time'></em>"
        f"<div id='js_content'><p>{TEXT}</p><section><p>{MORE}</p></section></div>"
        '<script>var ct = "1744940000";</script>'
    )
    article = only(tmp_path, "a.html", PAGE.format(title="", body=body))
    assert (article.title, article.reporters, article.paper) == ("水文站换新尺", ("林砚秋",), "江州日报")
    assert article.date == "2025-04-18"
    assert article.paragraphs[-2:] == [TEXT, MORE]


def test_a_page_of_many_links_keeps_its_article(tmp_path):
    pytest.importorskip("trafilatura")
    links = "".join(f"<li><a href='/{n}'>别的新闻第{n}条</a></li>" for n in range(40))
    notes = "".join(f"<div>栏目说明{n}</div>" for n in range(5))
    text = "".join(f"<p>{TEXT}{MORE}第{n}段。</p>" for n in range(6))
    page = f"<ul>{links}</ul><article><h1>水文站换新尺</h1>{text}</article><div class=sidebar>{notes}</div>"
    article = only(tmp_path, "a.html", PAGE.format(title="", body=page))
    assert article.title == "水文站换新尺"
    assert len(article.paragraphs) == 6


# Text: bylines, mastheads, furniture


@pytest.mark.parametrize(
    ("line", "reporters", "correspondents", "photographers"),
    [
        ("作者：林砚秋", ["林砚秋"], [], []),
        ("■ 林砚秋", ["林砚秋"], [], []),
        ("◎记者 林砚秋/文 苏以宁/图", ["林砚秋"], [], ["苏以宁"]),
        ("江州日报全媒体记者 林砚秋", ["林砚秋"], [], []),
        ("本報記者 聞鶴年", ["聞鶴年"], [], []),
        ("記者林硯秋／江州報導", ["林硯秋"], [], []),
        ("采写：林砚秋", ["林砚秋"], [], []),
        ("文/林砚秋 图/苏以宁", ["林砚秋"], [], ["苏以宁"]),
        ("撰文｜林砚秋", ["林砚秋"], [], []),
        ("本报记者 林砚秋 通讯 员 顾小满", ["林砚秋"], ["顾小满"], []),
        ("（记者 林砚秋 通讯员 顾小满）", ["林砚秋"], ["顾小满"], []),
        ("□ 本报首席记者 林砚秋 实习生 顾小满", ["林砚秋", "顾小满"], [], []),
        ("记者 林砚秋 摄影 苏以宁", ["林砚秋"], [], ["苏以宁"]),
        ("本报记者 林砚秋 文/图", ["林砚秋"], [], ["林砚秋"]),
        ("融媒体记者：林砚秋　通讯员：顾小满", ["林砚秋"], ["顾小满"], []),
    ],
)
@pytest.mark.parametrize("mark", ["# ", ""])
def test_bylines_in_all_their_dress(tmp_path, mark, line, reporters, correspondents, photographers):
    article = only(tmp_path, "a.txt", f"{mark}水文站换新尺\n\n{line}\n\n{TEXT}\n\n{MORE}\n")
    assert (article.title, article.paragraphs) == ("水文站换新尺", [TEXT, MORE])
    found = (article.reporters, article.correspondents, article.photographers)
    assert tuple(map(list, found)) == (reporters, correspondents, photographers)


@pytest.mark.parametrize(
    ("head", "dateline", "reporters"),
    [
        ("【本报江州5日讯】（记者 林砚秋）", "本报江州5日讯", ("林砚秋",)),
        ("【新华社江州五日电】", "新华社江州五日电", ()),
        ("本报江州7月10日电　（记者林砚秋）", "本报江州7月10日电", ("林砚秋",)),
        ("新华社北京二十日电　", "新华社北京二十日电", ()),
        ("本報訊（記者 聞鶴年）", "本報訊", ("聞鶴年",)),
        ("据新华社北京7月1日电 ", "据新华社北京7月1日电", ()),
        ("（本报江州10日讯）", "本报江州10日讯", ()),
        ("江州新闻网2025年4月18日讯（记者 林砚秋）", "江州新闻网2025年4月18日讯", ("林砚秋",)),
        ("中新网江州8月7日电(林砚秋)", "中新网江州8月7日电", ("林砚秋",)),
        ("人民网江州8月9日电 (林砚秋、实习生苏以宁)", "人民网江州8月9日电", ("林砚秋", "苏以宁")),
        ("新华社江州8月9日电", "新华社江州8月9日电", ()),
        ("江州新闻网-首屏新闻7月26日讯（记者 林砚秋）", "江州新闻网-首屏新闻7月26日讯", ("林砚秋",)),
    ],
)
def test_datelines_open_a_text_and_are_kept_beside_it(tmp_path, head, dateline, reporters):
    article = only(tmp_path, "a.md", f"# 水文站换新尺\n\n{head}{TEXT}\n")
    assert (article.body, article.dateline, article.reporters) == (TEXT, dateline, reporters)


@pytest.mark.parametrize(
    "text",
    [
        "新华社8月1日电告各报：水文站今起每小时报一次水位。",
        "江州电视台8月1日电视台庆典上，水文站换上了新水尺。",
        "本报8月5日报道，水文站换上了新水尺。",
        "财联社7月19日电，水文站换上了新水尺。",
    ],
)
def test_a_sentence_that_begins_like_a_dateline_stays_whole(tmp_path, text):
    article = only(tmp_path, "a.md", f"# 水文站换新尺\n\n{text}\n")
    assert (article.body, article.dateline) == (text, "")


@pytest.mark.parametrize(
    ("line", "date", "page", "section"),
    [
        ("江州日报 二〇二五年四月十八日 星期五 第三版", "2025-04-18", 3, ""),
        ("江州日报 2025年04月18日 星期五 03版：城事", "2025-04-18", 3, "城事"),
        ("2025年4月18日 星期五 A03 城事 江州日报", "2025-04-18", 3, "城事"),
        ("星期五 2025年4月18日 乙巳年三月廿一 第3版 江州日报", "2025-04-18", 3, ""),
        ("2025年4月18日江州日报 第3版", "2025-04-18", 3, ""),
        ("江州日報　中華民國三十八年五月廿六日　星期四　第三版", "1949-05-26", 3, ""),
        ("江州日报 ２０２５年４月１８日 第３版", "2025-04-18", 3, ""),
        ("# 江州日报\n\n2025年4月18日　星期五　第三版", "2025-04-18", 3, ""),
        ("江州日报 2025年4月18日 第03版：城事 责编 苏以宁", "2025-04-18", 3, "城事"),
        ("# 江州日报\n2025年4月18日 星期五\n第3版 城事", "2025-04-18", 3, "城事"),
        ("江州日报/2025年04月18日/第03版", "2025-04-18", 3, ""),
        ("江州日报\n2025.4.18 星期五 3 城事", "2025-04-18", 3, "城事"),
        ("江州日报\n城事 2025年4月18日 星期五 责编/苏以宁 校对/顾小满 03", "2025-04-18", 3, "城事"),
        ("江州日报 JIANGZHOU DAILY\n2025年4月18日 星期五\n城事·03版", "2025-04-18", 3, "城事"),
        ("江州日报 2025年4月18日\n[第03版 城事]", "2025-04-18", 3, "城事"),
    ],
)
def test_mastheads_in_all_their_forms(tmp_path, line, date, page, section):
    article = only(tmp_path, "a.md", f"{line}\n\n## 水文站换新尺\n\n本报记者 林砚秋\n\n{TEXT}\n")
    assert (article.title, article.body) == ("水文站换新尺", TEXT)
    assert (article.date, article.page, article.section) == (date, page, section)
    assert article.paper in ("江州日报", "江州日報")


@pytest.mark.parametrize(
    "line",
    [
        "责编 苏以宁 美编 顾小满",
        "■责编 苏以宁 ■美编 顾小满 ■校对 林砚秋",
        "责任编辑：苏以宁　版式设计：顾小满",
        "本版编辑 苏以宁 视觉 顾小满",
        "一审：苏以宁 二审：顾小满 三审：林砚秋",
        "編輯：蘇以寧 美編：顧小滿",
        "值班编委：苏以宁",
        "统筹/苏以宁 制图/顾小满",
        "新闻热线：0555-1234567 广告热线：0555-7654321",
        "▶▶▶下转03版",
        "下轉第三版",
        "（下转A3版）",
        "今日8版 总第12345期",
        "国内统一连续出版物号 CN 32-0000",
        "导读\n春水初涨 3版\n渡口新船 4版",
        "導讀\n春水初漲 3版",
        "一审一校：苏以宁",
        "值班总编 苏以宁 首席编辑 顾小满",
        "本报地址：江州市水门路1号 电话：1234567 邮政编码：000000",
        "本报常年法律顾问 江流律师事务所",
        "本版图片由苏以宁摄",
        "更多内容请见A5版",
        "（相关报道见第3版）",
        "3版 ▶ 春水初涨",
        "春水初涨 >>> 3版",
        "A3｜春水初涨",
        "www.jiangzhou.example",
        "- 3 -",
        "第3页 共8页",
        "公益广告",
        "（完）",
    ],
)
def test_furniture_as_printed_today_is_no_text(tmp_path, line):
    article = only(tmp_path, "a.md", f"# 水文站换新尺\n\n本报记者 林砚秋\n\n{TEXT}\n\n{line}\n")
    assert article.paragraphs == [TEXT]


@pytest.mark.parametrize("line", ["青禾M9", "■延伸阅读", "第十至十二版", "01 缘起"])
def test_lines_that_look_like_furniture_are_text(tmp_path, line):
    body = only(tmp_path, "a.md", f"# 水文站换新尺\n\n{TEXT}\n\n{line}\n\n{MORE}\n").body
    assert line.replace(" ", "") in body.replace(" ", "")


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("光緒三十四年四月初三日", None),
        ("宣統元年閏二月十五日　西曆一千九百零九年四月五號", "1909-04-05"),
        ("民國三十七年四月三日　夏曆戊子年二月廿四", "1948-04-03"),
    ],
)
def test_a_line_with_a_date_of_the_old_calendar_is_no_text(tmp_path, line, date):
    article = only(tmp_path, "a.md", f"{line}\n\n# 水文站换新尺\n\n{TEXT}\n")
    assert (article.title, article.body, article.date) == ("水文站换新尺", TEXT, date)


@pytest.mark.parametrize(
    "line",
    [
        "评论",
        "时间：4月20日上午九点",
        "设计师的一天",
        "编辑部的故事",
        "他在第2版看到了消息。",
        "第2版的读者",
        "广告人手记",
        "36",
        "邮政编码：000000",
    ],
)
def test_lines_of_an_article_are_not_furniture(tmp_path, line):
    article = only(tmp_path, "a.md", f"# 水文站换新尺\n\n本报记者 林砚秋\n\n{TEXT}\n\n{line}\n\n{MORE}\n")
    assert article.paragraphs == [TEXT, line, MORE]


# Text: headlines


@pytest.mark.parametrize(
    "text",
    [
        f"水文站换新尺\n\n　　{TEXT}\n　　{MORE}\n\n春水初涨\n\n　　{MORE}\n",
        f"#水文站换新尺\n\n{TEXT}\n{MORE}\n\n#春水初涨\n\n{MORE}\n",
        f"水文站换新尺\n======\n\n{TEXT}\n{MORE}\n\n春水初涨\n------\n\n{MORE}\n",
        f"1. 水文站换新尺\n{TEXT}\n{MORE}\n\n2. 春水初涨\n{MORE}\n",
        f"### 1. 水文站换新尺\n\n{TEXT}\n\n{MORE}\n\n### 2. 春水初涨\n\n{MORE}\n",
        f"[水文站换新尺]\n　　{TEXT}\n　　{MORE}\n[春水初涨]\n　　{MORE}\n",
        f"=====\n水文站换新尺\n{TEXT}\n{MORE}\n=====\n春水初涨\n{MORE}\n=====\n",
        f"# 要闻\n## 水文站换新尺\n\n{TEXT}\n\n{MORE}\n\n# 副刊\n## 春水初涨\n\n{MORE}\n",
    ],
)
def test_headlines_without_a_byline(tmp_path, text):
    first, second = read(tmp_path, "a.txt", text).articles
    assert (first.title, first.paragraphs) == ("水文站换新尺", [TEXT, MORE])
    assert (second.title, second.paragraphs) == ("春水初涨", [MORE])


def test_short_lines_before_the_text_are_kicker_headline_and_dashed_subtitle(tmp_path):
    article = only(tmp_path, "a.txt", f"汛期前的准备\n水文站换新尺\n——江州水文站见闻\n　　{TEXT}\n　　{MORE}\n")
    assert (article.kicker, article.title, article.subtitle) == ("汛期前的准备", "水文站换新尺", "——江州水文站见闻")
    assert article.paragraphs == [TEXT, MORE]


def test_numbered_headings_divide_an_article(tmp_path):
    text = f"# 水文站换新尺\n\n本报记者 林砚秋\n\n{TEXT}\n\n# 一、量得更准\n\n{MORE}\n\n# 二、看得更清\n\n{MORE}\n"
    article = only(tmp_path, "a.md", text)
    assert article.paragraphs == [TEXT, "一、量得更准", MORE, "二、看得更清", MORE]


# Dumps and labelled text


@pytest.mark.parametrize(
    "text",
    [
        f"---\ntitle: 水文站换新尺\nsource: 江州日报\nauthor: [林砚秋]\ndate: 2025-04-18\npage: 三版\n"
        f"column: 城事\n---\n{TEXT}\n",
        f"---\n标题: 水文站换新尺\n报纸: 江州日报\n作者: 林砚秋\n日期: 2025年4月18日\n版次: 第03版\n"
        f"栏目: 城事\n---\n\n{TEXT}\n",
        f'---\ntitle: "水文站换新尺"\npaper: 江州日报\nreporters: 林砚秋\npublish_time: 2025-04-18 08:00\n'
        "section: 第03版\ncolumn: 城事\n---\n"
        f"# 水文站换新尺\n\n{TEXT}\n",
        f"标题：水文站换新尺\n来源：江州日报\n作者：林砚秋\n日期：2025-04-18\n版次：A03\n版名：城事\n正文：\n{TEXT}\n",
        f"【标题】水文站换新尺\n【报纸】江州日报\n【作者】林砚秋\n【日期】2025-04-18\n【版次】第3版\n"
        f"【栏目】城事\n【正文】{TEXT}\n",
        f"题名：水文站换新尺\n责任者：林砚秋\n刊名：江州日报\n年：2025\n月：4\n日：18\n版次：3\n栏目：城事\n\n{TEXT}\n",
        f"题目: 水文站换新尺\n报纸: 江州日报\n记者: 林砚秋\n时间: 2025/4/18\n版次: 3\n专栏: 城事\n\n{TEXT}\n",
    ],
)
def test_metadata_beside_the_text(tmp_path, text):
    article = only(tmp_path, "a.txt", text)
    assert (article.title, article.body, article.reporters) == ("水文站换新尺", TEXT, ("林砚秋",))
    assert (article.paper, article.date, article.page, article.section) == ("江州日报", "2025-04-18", 3, "城事")


def test_labelled_articles_one_after_the_other(tmp_path):
    text = f"标题：水文站换新尺\n日期：2025-04-18\n{TEXT}\n\n======\n标题：春水初涨\n日期：2025-04-19\n{MORE}\n"
    first, second = read(tmp_path, "a.txt", text).articles
    assert (first.title, first.date, first.body) == ("水文站换新尺", "2025-04-18", TEXT)
    assert (second.title, second.date, second.body) == ("春水初涨", "2025-04-19", MORE)


def test_a_daily_s_dump_is_cut_at_its_page_lines(tmp_path):
    text = (
        f"第3版(城事)\n专栏：\n\n　　水文站换新尺\n 昨天起用\n 【本报江州五日讯】{TEXT}\n\n"
        f"第4版()\n专栏：来信\n\n　　春水初涨\n 编辑同志：{MORE}\n"
    )
    first, second = read(tmp_path, "1957-07-20.txt", text).articles
    assert (first.title, first.subtitle, first.body, first.page) == ("水文站换新尺", "昨天起用", TEXT, 3)
    assert (second.title, second.section, second.page, second.date) == ("春水初涨", "来信", 4, "1957-07-20")


def test_the_tagged_corpus_is_read_as_running_text(tmp_path):
    line = "19980105-02-003-00{n}/m  {words}  \n"
    words = ["水文站/n  换/v  新/a  尺/n", "[江州/ns  水文站/n]nt  １２/m  米/q  ，/w  夜里/t  看/v  。/w"]
    article = only(tmp_path, "a.txt", "".join(line.format(n=n + 1, words=w) for n, w in enumerate(words)))
    assert (article.title, article.body) == ("水文站换新尺", "江州水文站12米，夜里看。")
    assert (article.date, article.page) == ("1998-01-05", 2)


@pytest.mark.parametrize(
    "text",
    [
        f"2025-04-18 第3版\n标题：水文站换新尺\n作者：林砚秋\n\n{TEXT}\n\n----------\n\n"
        f"2025-04-18 第4版\n标题：春水初涨\n作者：\n\n{MORE}\n",
        f"===== 第3版 =====\n\n水文站换新尺\n林砚秋\n{TEXT}\n\n===== 第4版 =====\n\n春水初涨\n{MORE}\n",
        f"水文站换新尺\n\n2025-04-18　江州日报　第3版\n\n林砚秋\n\n{TEXT}\n\n"
        f"春水初涨\n\n2025-04-18　江州日报　第4版\n\n{MORE}\n",
        f"链接：http://a.example/1\n标题：水文站换新尺\n版次：3 来源：江州日报 作者：林砚秋\n内容：{TEXT}\n\n"
        f"链接：http://a.example/2\n标题：春水初涨\n版次：4 来源：江州日报 作者：\n内容：{MORE}\n",
    ],
)
def test_dumps_with_a_line_for_each_page_or_article(tmp_path, text):
    first, second = read(tmp_path, "a.txt", text).articles
    assert (first.title, first.body, first.page, first.reporters) == ("水文站换新尺", TEXT, 3, ("林砚秋",))
    assert (second.title, second.body, second.page, second.reporters) == ("春水初涨", MORE, 4, ())


def test_a_page_line_below_the_headline_does_not_part_it_from_its_text(tmp_path):
    text = f"水文站换新尺\n林砚秋\n1962.03.14\n第3版(城事)\n专栏：\n\n    {TEXT}\n    {MORE}\n"
    article = only(tmp_path, "a.txt", text)
    assert (article.title, article.reporters, article.paragraphs) == ("水文站换新尺", ("林砚秋",), [TEXT, MORE])
    assert (article.date, article.page, article.section) == ("1962-03-14", 3, "城事")


@pytest.mark.parametrize(
    ("byline", "column"), [("本报记者  林砚秋", "开栏的话\n"), ("林砚秋", ""), ("林砚秋  顾小满  方砚舟", "")]
)
def test_short_lines_below_the_byline_and_between_paragraphs_are_lines_of_their_own(tmp_path, byline, column):
    text = f"江州日报 2025-04-18 第03版：城事\n\n水文站换新尺\n{byline}\n{column}{TEXT}\n苏以宁\n{MORE}\n"
    article = only(tmp_path, "a.txt", text)
    assert (article.title, article.reporters[:1]) == ("水文站换新尺", ("林砚秋",))
    assert article.body == f"{column}{TEXT}\n苏以宁\n{MORE}"


def test_a_name_in_brackets_after_the_last_sentence_signs(tmp_path):
    article = only(tmp_path, "a.md", f"# 水文站换新尺\n\n{TEXT}（林砚秋）\n")
    assert (article.body, article.reporters) == (TEXT, ("林砚秋",))
    article = only(tmp_path, "a.md", f"# 水文站换新尺\n\n{TEXT}（尤晟 于归）\n")
    assert (article.body, article.reporters) == (TEXT, ("尤晟", "于归"))


@pytest.mark.parametrize("end", ["（未完待续）", "要守住“老河道”（钟声）", "（广告）", "（林砚秋摄）"])
def test_other_words_in_brackets_are_no_signature(tmp_path, end):
    article = only(tmp_path, "a.md", f"# 水文站换新尺\n\n{TEXT}{end}\n")
    assert article.reporters == ()


# Records

RECORD = {
    "标题": "水文站换新尺",
    "正文": TEXT,
    "报纸": "江州日报",
    "日期": "2025-04-18",
    "版次": "A03",
    "作者": "林砚秋",
}
OTHER = {
    "headline": "水文站换新尺",
    "content": [TEXT],
    "media": "江州日报",
    "pub_date": "2025-04-18T08:00:00",
    "page_no": 3,
}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", json.dumps(RECORD)),
        ("a.txt", json.dumps(RECORD, ensure_ascii=False)),
        ("a.json", json.dumps([RECORD | {"id": 7}], ensure_ascii=False)),
        ("a.json", json.dumps({"data": {"list": [OTHER | {"author": "本报记者 林砚秋"}]}}, ensure_ascii=False)),
        ("a.json", json.dumps(OTHER | {"author": ["林砚秋"], "paragraphs": []}, ensure_ascii=False, indent=1)),
        ("a.csv", "标题,正文,报纸,日期,版次,作者\n水文站换新尺," + TEXT + ",江州日报,2025-04-18,A03,林砚秋\n"),
        (
            "a.json",
            json.dumps(
                {
                    "articleTitle": "水文站换新尺",
                    "articleContent": f"<p>{TEXT}</p>",
                    "paperName": "江州日报",
                    "pubDate": 1744905600000,
                    "edition": "第3版",
                    "zuozhe": "林砚秋",
                }
            ),
        ),
        (
            "a.json",
            json.dumps(
                {
                    "biaoti": "水文站换新尺",
                    "zhengwen": TEXT,
                    "baozhi": "江州日报",
                    "riqi": "2025/4/18",
                    "banci": 3,
                    "zuozhe": "林砚秋",
                }
            ),
        ),
        (
            "a.tsv",
            "yyyy\tmm\tdd\tp\ttitle\tcontents\tsource\tauthor\n2025\t04\t18\t3\t水文站换新尺\t"
            + TEXT
            + "\t江州日报\t林砚秋\n",
        ),
    ],
)
def test_records_under_their_usual_names(tmp_path, name, text):
    article = only(tmp_path, name, text)
    assert (article.title, article.body, article.reporters) == ("水文站换新尺", TEXT, ("林砚秋",))
    assert (article.paper, article.date, article.page) == ("江州日报", "2025-04-18", 3)


def test_what_stands_above_articles_holds_for_them(tmp_path):
    articles = [{"title": "水文站换新尺", "content": TEXT}, {"title": "春水初涨", "content": MORE}]
    issue = {
        "newspaper": "江州日报",
        "date": "2025-04-18",
        "pages": [{"page": "003", "name": "城事", "articles": articles}],
    }
    first, second = read(tmp_path, "a.json", json.dumps(issue)).articles
    assert (first.title, first.paper, first.date, first.page) == ("水文站换新尺", "江州日报", "2025-04-18", 3)
    assert (second.title, second.page, second.id) == ("春水初涨", 3, "a.json#2")


def test_a_bad_line_loses_that_line_alone_and_is_named(tmp_path):
    lines = [json.dumps(RECORD), "{bad", json.dumps({"标题": "没有正文"}), json.dumps(RECORD | {"标题": "又一篇"})]
    issue = read(tmp_path, "a.jsonl", "\n".join(lines))
    assert [a.title for a in issue.articles] == ["水文站换新尺", "又一篇"]
    assert ["第 2 行" in issue.failed[0], "第 3 行" in issue.failed[1]] == [True, True]


def test_a_source_s_own_names_can_be_given(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"bt": "水文站换新尺", "nr": TEXT}), encoding="utf-8")
    assert "没有文章" in read_issue([(tmp_path / "a.json", "a.json")]).failed[0]
    issue = read_issue([(tmp_path / "a.json", "a.json")], {"title": "bt", "text": "nr"})
    assert (issue.articles[0].title, issue.articles[0].body) == ("水文站换新尺", TEXT)
    assert issue.fields == {"a.json": {"title": "bt", "text": "nr"}}


def test_a_record_whose_text_is_a_page_is_read_as_that_page(tmp_path):
    text = f"# 水文站换新尺\n\n本报记者 林砚秋\n\n{TEXT}\n\n# 春水初涨\n\n{MORE}"
    record = {"id": "x", "text": text, "metadata": {"Source-File": "/scans/江州日报_2025-04-18_03.pdf"}}
    first, second = read(tmp_path, "a.jsonl", json.dumps(record)).articles
    assert (first.title, first.reporters, first.date, first.page) == ("水文站换新尺", ("林砚秋",), "2025-04-18", 3)
    assert (second.title, second.paper) == ("春水初涨", "江州日报")


# Recognition tools


@pytest.mark.parametrize(
    "text",
    [
        f'{{0}}{"-" * 48}\n\n<span id="page-0-0"></span># **水文站换新尺**\n\n{TEXT}\n',
        f'<!-- PageHeader="江州日报" -->\n\n# 水文站换新尺\n\n{TEXT}\n\n<!-- PageNumber="3" -->\n<!-- PageBreak -->\n',
        f"<!-- image -->\n\n## 水文站换新尺\n\n{TEXT}\n",
        f"<|ref|>title<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>\n# 水文站换新尺\n\n<|ref|>text<|/ref|><|"
        f"det|>[[1, 2, 3, 9]]<|/det|>\n{TEXT}\n",
        f"<div style='text-align: center;'><img src='imgs/a.jpg' alt='Image' width='40%' /></div>\n\n"
        f"## 水文站换新尺\n\n{TEXT}\n",
        f"## 水文站换新尺\n\n<p>{TEXT}</p>\n",
    ],
)
def test_recognition_tools_marks_are_not_text(tmp_path, text):
    article = only(tmp_path, "a.md", text)
    assert (article.title, article.body) == ("水文站换新尺", TEXT)


@pytest.mark.parametrize(
    ("formula", "plain"),
    [
        (r"$35\%$", "35%"),
        ("$4 2 0 0$", "4200"),
        (r"$3 7 . 5 ^ { \circ } \mathrm { C }$", "37.5°C"),
        (r"$1 2 \times 8$", "12×8"),
        (r"\(98.5\%\)", "98.5%"),
        (r"$\frac{1}{3}$", "1/3"),
    ],
)
def test_formulas_are_the_numbers_they_print(tmp_path, formula, plain):
    assert (
        only(tmp_path, "a.md", f"# 题目在此\n\n水位涨了 {formula} ，大家放心。\n").body
        == f"水位涨了{plain}，大家放心。"
    )


def test_prices_in_dollars_stay(tmp_path):
    assert only(tmp_path, "a.md", "# 题目在此\n\n每桶 $70 涨到 $75 一桶。\n").body == "每桶$70涨到$75一桶。"


def test_tables_of_a_recognition_tool_are_rows(tmp_path):
    table = "<table border=1><tr><td>站</td><td>水位</td></tr><tr><td>江州</td><td>12</td></tr></table>"
    article = only(tmp_path, "a.md", f"## 水文站换新尺\n\n{TEXT}\n\n{table}\n")
    assert article.paragraphs == [TEXT, "站 | 水位", "江州 | 12"]


def test_captions_before_the_headline_belong_to_the_article(tmp_path):
    article = only(tmp_path, "a.md", f"图为江州水文站。苏以宁 摄\n\n## 水文站换新尺\n\n{TEXT}\n")
    assert (article.captions, article.photographers) == (("图为江州水文站。",), ("苏以宁",))


# Characters and encodings


def test_radicals_and_vertical_forms_are_folded(tmp_path):
    article = only(tmp_path, "a.txt", "# ⽔⽂站换新尺\n\n⾸⽇有⻋240辆，⻓江⽔位12⽶︒︽江州⽇报︾说。\n")
    assert (article.title, article.body) == ("水文站换新尺", "首日有车240辆，长江水位12米。《江州日报》说。")


@pytest.mark.parametrize("bad", [b"\xff", b"\xe6\xb0", b"\x80\x81"])
def test_a_bad_byte_is_marked_and_noted(tmp_path, bad):
    data = f"# 水文站换新尺\n\n{TEXT}".encode() + bad + f"\n\n{MORE}\n".encode()
    issue = read(tmp_path, "a.txt", data)
    assert issue.articles[0].title == "水文站换新尺"
    assert "\ufffd" in issue.articles[0].body
    assert MORE in issue.articles[0].body
    assert "字节读不出" in issue.warnings[0]


def test_lines_in_two_encodings_are_both_read(tmp_path):
    data = f"# 水文站换新尺\n\n{TEXT}\n\n".encode() + MORE.encode("gb18030") + b"\n"
    assert read(tmp_path, "a.txt", data).articles[0].paragraphs == [TEXT, MORE]


def test_lines_in_three_encodings_are_read(tmp_path):
    big5 = "站長顧小滿說，新水尺能量到十二米。"
    data = f"# 水文站换新尺\n\n{TEXT}\n\n".encode() + MORE.encode("gb18030") + b"\n\n" + big5.encode("big5") + b"\n"
    assert read(tmp_path, "a.txt", data).articles[0].paragraphs == [TEXT, MORE, big5]


def test_a_paragraph_goes_on_over_the_end_of_a_page(tmp_path):
    text = f"# 水文站换新尺\n\n{TEXT[:12]}\n\n<!-- PageBreak -->\n\n{TEXT[12:]}\n\n{MORE}\n"
    assert only(tmp_path, "a.md", text).paragraphs == [TEXT, MORE]


def test_latin_full_stops_end_paragraphs(tmp_path):
    text = "# 水文站换新尺\n\n水文站昨天换上了6米长的新水尺.\n\n每小时报1.5次水位.\n"
    assert only(tmp_path, "a.md", text).paragraphs == ["水文站昨天换上了6米长的新水尺.", "每小时报1.5次水位."]


def test_a_headline_in_two_headings_and_one_with_a_dashed_line(tmp_path):
    article = only(tmp_path, "a.md", f"# 江州水文站\n# 换上新水尺\n\n本报记者 林砚秋\n\n{TEXT}\n")
    assert (article.title, article.body) == ("江州水文站换上新水尺", TEXT)
    article = only(tmp_path, "b.md", f"# 水文站换新尺\n\n——江州见闻\n\n本报记者 林砚秋\n\n{TEXT}\n")
    assert (article.title, article.subtitle) == ("水文站换新尺", "——江州见闻")


def test_nul_bytes_and_form_feeds_lose_no_text(tmp_path):
    text = f"# 水文站换新尺\n\n\x00{TEXT}\n\f# 春水初涨\n\n{MORE}\n"
    assert [a.body for a in read(tmp_path, "a.txt", text).articles] == [TEXT, MORE]


def test_a_line_set_apart_by_spaces_is_put_together(tmp_path):
    article = only(tmp_path, "a.txt", f"# 水 文 站 换 新 尺\n\n本 报 记 者 林 砚 秋\n\n{TEXT}\n")
    assert (article.title, article.body) == ("水文站换新尺", TEXT)


# Names of files


@pytest.mark.parametrize(
    ("name", "date", "page"),
    [
        ("html/2025-04/18/content_10025.htm", "2025-04-18", None),
        ("202504/18/node_3.htm", "2025-04-18", None),
        ("2025/04/18/a.htm", "2025-04-18", None),
        ("nw.D110000jzrb_20250418_2-06.htm", "2025-04-18", 6),
        ("nbs.D110000jzrb_03.htm", None, 3),
        ("20250418/w1.md", "2025-04-18", None),
        ("20250418/utf16.md", "2025-04-18", None),
        ("20250418/A03.md", "2025-04-18", 3),
    ],
)
def test_dates_and_pages_in_names(tmp_path, name, date, page):
    text = f"<html><h1>水文站换新尺</h1><p>{TEXT}</p></html>" if name.endswith("htm") else f"# 水文站换新尺\n\n{TEXT}\n"
    article = only(tmp_path, name, text)
    assert (article.date, article.page, article.paper) == (date, page, "")


@pytest.mark.parametrize("name", ["04-江州气象局推出冰雹预报.md", "本报.md", "市里来信举报.md", "学习简报.md"])
def test_what_ends_in_bao_is_not_always_a_paper(tmp_path, name):
    assert only(tmp_path, name, f"# 水文站换新尺\n\n{TEXT}\n").paper == ""


def test_lines_of_their_own_are_not_glued(tmp_path):
    text = (
        f"# 题目在此\n\n桥通六十年，人换三代。\n\n——编  者\n\n江州守桥人顾小满——\n\n"
        f"夜里巡桥，白天补漆\n\n本报记者  林砚秋\n\n{TEXT}\n"
    )
    article = only(tmp_path, "a.md", text)
    assert article.paragraphs == ["桥通六十年，人换三代。", "——编者", "江州守桥人顾小满——", "夜里巡桥，白天补漆", TEXT]


def test_every_form_is_accounted_for_to_the_last_character(tmp_path):
    text = f"江州日报 2025年4月18日 第3版\n\n# 水文站换新尺\n\n作者：林砚秋\n\n{TEXT}\n\n责编 苏以宁\n"
    (page,) = read(tmp_path, "a.md", text).pages
    kept = "".join(segment.text for segment in page.ledger)
    assert sorted(kept.replace(" ", "")) == sorted(text.replace("#", "").replace("\n", "").replace(" ", ""))


def test_a_headline_that_the_file_names_is_not_looked_for_in_the_text(tmp_path):
    text = f"---\ntitle: 水文站换新尺\n---\n\n——江州水文站见闻\n\n汛期将至\n\n{TEXT}\n"
    article = only(tmp_path, "a.md", text)
    assert (article.title, article.subtitle, article.paragraphs[-1]) == ("水文站换新尺", "——江州水文站见闻", TEXT)


def test_a_picture_with_its_caption_is_an_article(tmp_path):
    body = "<h1>水文站换新尺</h1><img src='a.jpg'><p>图为新水尺。苏以宁 摄</p>"
    article = only(tmp_path, "a.htm", PAGE.format(title="", body=body))
    assert (article.title, article.captions, article.photographers) == ("水文站换新尺", ("图为新水尺。",), ("苏以宁",))
