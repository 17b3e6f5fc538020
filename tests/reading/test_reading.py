"""Reading pages, step by step from small examples, and whole pages of the development data where they are there."""

import json
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.reading import read_issue
from index.reading.articles.assembly import read_blocks
from index.reading.articles.paragraphs import join_paragraphs
from index.reading.blocks import Form, markdown_blocks, tight
from index.reading.content.files import read_text
from index.reading.facts import furniture, people
from index.reading.facts.known import from_path
from index.reading.formats import MAX_PDF_PAGES, read_pages

from ..conftest import DEVELOPMENT_DATA

PAGES = DEVELOPMENT_DATA / "eval" / "pages_dev"
CHINESE = re.compile(r"[\u3400-\u9fff]")


def articles(text, tmp_path, name="01.md"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_issue([(path, name)]).articles


def chinese(text):
    return Counter(CHINESE.findall(text))


# Lines


def test_blocks_by_their_form():
    text = "# 大题 #\n\n**粗体**\n正文。\n![图说](a.jpg)\n| 甲 | 乙 |\n| --- | --- |\n"
    blocks = markdown_blocks(text)
    assert [(b.form, b.text, b.line) for b in blocks] == [
        (Form.HEADING, "大题", 1),
        (Form.BOLD, "粗体", 3),
        (Form.TEXT, "正文。", 4),
        (Form.IMAGE, "图说", 5),
        (Form.TEXT, "a.jpg", 5),
        (Form.TABLE, "甲 | 乙", 6),
    ]


def test_a_bold_run_over_two_lines_is_one_block():
    (block,) = markdown_blocks("**深化厂务公开  \n构建和谐关系**\n")
    assert (block.form, block.text) == (Form.BOLD, "深化厂务公开 构建和谐关系")


@pytest.mark.parametrize(
    ("loose", "expected"),
    [("职 工之 家", "职工之家"), ("用 Python 写", "用Python写"), ("new york", "new york"), ("20 24年", "20 24年")],
)
def test_layout_spaces_go_and_latin_ones_stay(loose, expected):
    assert tight(loose) == expected


# Furniture


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("2024年7月30日 星期二 第2版", "masthead"),
        ("劳动午报 2024-07-30 星期二 第二版 工会新闻", "masthead"),
        ("责任编辑：甲某某 版式设计：乙某某", "editors"),
        ("□本版编辑 甲某某", "editors"),
        ("校对 甲某某", "editors"),
        ("本报新闻热线 0800-555012", "hotline"),
        ("今日天气：晴转多云 23℃—33℃", "weather"),
        ("（下转第三版）", "jump to"),
        ("统筹推进中医药事业振兴发展", ""),
        ("2022年7月1日在这里成立", ""),
        ("校对工作是出版的最后一关。", ""),
    ],
)
def test_what_belongs_to_the_page(line, role):
    blocks = markdown_blocks(line)
    furniture.mark(blocks)
    assert blocks[0].role == role


def test_the_guide_ends_where_its_items_end():
    blocks = markdown_blocks("导读\n- 一件事 2版\n- 两件事 3版\n\n正文从这里开始。\n")
    furniture.mark(blocks)
    assert [b.role for b in blocks] == ["guide", "guide", "guide", ""]


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("三", 3), ("十", 10), ("十二", 12), ("二十一", 21)])
def test_page_numbers(text, number):
    assert furniture.page_number(text) == number


# People


@pytest.mark.parametrize(
    ("text", "reporters", "correspondents", "rest"),
    [
        ("本报讯（记者 甲一 乙二 通讯员 丙三）正文", ["甲一", "乙二"], ["丙三"], "正文"),
        ("本报讯 记者 甲一报道 正文", ["甲一"], [], "正文"),
        ("新华社北京7月28日电（记者 甲一）正文", ["甲一"], [], "正文"),
        ("本报北京9月21日讯（实习记者 甲一）正文", ["甲一"], [], "正文"),
        ("本报讯（记者 王 波）正文", ["王波"], [], "正文"),
        ("本报讯（通讯员 丙三、丁四）正文", [], ["丙三", "丁四"], "正文"),
        ("本报讯 正文", [], [], "正文"),
    ],
)
def test_opening_bylines(text, reporters, correspondents, rest):
    byline = people.opening(text)
    assert byline.people.reporters == reporters
    assert byline.people.correspondents == correspondents
    assert byline.rest == rest


@pytest.mark.parametrize(
    ("line", "reporters", "correspondents", "photographers"),
    [
        ("□本报记者 甲一 通讯员 乙文", ["甲一"], ["乙文"], []),
        ("文/图 甲一", ["甲一"], [], ["甲一"]),
        ("本报记者 甲一 文/图", ["甲一"], [], ["甲一"]),
        ("记者 甲一 摄影 乙二", ["甲一"], [], ["乙二"]),
    ],
)
def test_byline_lines(line, reporters, correspondents, photographers):
    found = people.byline_line(line)
    assert (found.reporters, found.correspondents, found.photographers) == (reporters, correspondents, photographers)


@pytest.mark.parametrize("text", ["他说记者来了。", "本报讯传来", "记者", "记者甲一在现场看到，人很多。"])
def test_running_text_is_no_byline(text):
    assert people.byline_line(text) is None
    assert people.opening(text) is None


def test_signatures_and_photo_credits():
    signed = people.signature("说完就走了。（记者 甲一 通讯员 乙二）")
    assert signed.rest == "说完就走了。"
    assert (signed.people.reporters, signed.people.correspondents) == (["甲一"], ["乙二"])
    assert people.photo_credit("本报实习记者 甲一 摄").people.photographers == ["甲一"]
    assert people.photo_credit("图为活动现场。本报记者 甲一 摄").rest == "图为活动现场。"
    assert people.photo_credit("通讯员 甲一 供图").people.photographers == ["甲一"]
    assert people.photo_credit("他在这里拍摄") is None
    assert people.photo_credit("桥修好了。高空拍摄") is None


# Articles


def test_kicker_headline_and_subtitle_by_level(tmp_path):
    (article,) = articles("## 引题\n\n# 主题上\n\n# 主题下\n\n## 副题\n\n本报讯（记者 甲一）正文。\n", tmp_path)
    assert (article.kicker, article.title, article.subtitle) == ("引题", "主题上主题下", "副题")


def test_a_banner_and_a_badge_stay_out_of_the_articles(tmp_path):
    text = "# 版头\n\n# 头条\n\n本报讯（记者 甲一）一。\n\n**民生关注**\n\n## 二条\n\n本报讯（记者 乙二）二。\n"
    first, second = articles(text, tmp_path)
    assert (first.title, first.body, first.section) == ("头条", "一。", "")
    assert (second.title, second.body, second.section) == ("二条", "二。", "民生关注")


def test_subheads_are_paragraphs_of_their_own(tmp_path):
    text = "# 版头\n\n# 头条\n\n本报讯（记者 甲一）一。\n\n## 小标题\n\n二。\n\n**又一个**\n\n三。\n"
    (article,) = articles(text, tmp_path)
    assert article.paragraphs == ["一。", "小标题", "二。", "又一个", "三。"]


def test_plain_headlines_are_found_from_the_byline_back(tmp_path):
    first_part = "**头条是粗体**\n\n副题是普通一行\n\n本报讯（记者 甲一）一。\n\n小标题十个字没有标点\n\n二。\n\n"
    text = first_part + "二条也是\n\n□本报记者 乙二\n\n三。\n"
    first, second = articles(text, tmp_path)
    assert (first.title, first.subtitle) == ("头条是粗体", "副题是普通一行")
    assert first.paragraphs == ["一。", "小标题十个字没有标点", "二。"]
    assert (second.title, second.reporters, second.body) == ("二条也是", ("乙二",), "三。")


@pytest.mark.parametrize(
    ("line", "caption"),
    [
        ("渡口现场。林砚秋摄", "渡口现场。"),
        ("图为渡口现场。 林砚秋摄", "图为渡口现场。"),
        ("渡口清早开出的头班船。新华社发（林砚秋摄）", "渡口清早开出的头班船。新华社发"),
        ("渡口清早开出的头班船(林砚秋摄)", "渡口清早开出的头班船"),
        ("林砚秋摄", ""),
    ],
)
def test_a_credit_without_a_space_names_the_photographer(line, caption):
    credit = people.photo_credit(line)
    assert (credit.people.photographers, credit.rest) == (["林砚秋"], caption)


@pytest.mark.parametrize("line", ["他在这里拍摄", "渡口的头班船（2月摄）", "居民家里热了3到5摄", "夜里温度升到5摄氏度"])
def test_what_ends_like_a_credit_may_be_none(line):
    assert people.photo_credit(line) is None


def test_paragraphs_cut_by_columns_pictures_and_credits_are_rejoined(tmp_path):
    body = "# 题\n\n本报讯（记者 甲一）前半句，\n\n![](a.jpg)\n\n本报记者 乙二 摄\n\n后半句。他说：“好”\n\n"
    text = body + "有效。\n\n完了。\n"
    (article,) = articles(text, tmp_path)
    assert article.paragraphs == ["前半句，后半句。他说：“好”有效。", "完了。"]
    assert article.photographers == ("乙二",)


def test_dialogue_and_lists_are_not_glued():
    blocks = markdown_blocks("他问：\n“去吗？”\n“去。”\n●第一条\n●第二条\n")
    for block in blocks:
        block.role = "paragraph"
    assert join_paragraphs(blocks) == ["他问：", "“去吗？”", "“去。”", "●第一条", "●第二条"]


def test_a_jump_joins_two_pages(tmp_path):
    (tmp_path / "01.md").write_text("# 甲题\n\n本报讯（记者 甲一）前文，\n\n（下转第三版）\n", encoding="utf-8")
    (tmp_path / "03.md").write_text(
        "# 别的\n\n本报讯（记者 乙二）别。\n\n## 甲题\n\n（上接第一版）后文。\n", encoding="utf-8"
    )
    issue = read_issue([(tmp_path / name, name) for name in ("01.md", "03.md")])
    first, other = issue.articles
    assert (first.title, first.body, first.pages) == ("甲题", "前文，后文。", (1, 3))
    assert other.title == "别的"


def test_a_jump_without_its_first_part_stands_alone(tmp_path):
    (article,) = articles("## 甲题\n\n（上接第一版）后文。\n", tmp_path, "03.md")
    assert (article.title, article.body, article.pages) == ("甲题", "后文。", (3,))


def test_reprints_are_linked(tmp_path):
    body = "本报讯（记者 甲一）" + "".join(f"第{n}句话说的是第{n}件事情。" for n in range(20))
    first, other = articles(f"# 甲\n\n{body}\n\n# 乙\n\n{body}又。\n\n# 丙\n\n本报讯（记者 乙二）别的事。\n", tmp_path)
    assert first.reprints == ("01.md#2",)
    assert other.title == "丙"


def test_lines_before_the_first_headline_are_kept_and_counted(tmp_path):
    (tmp_path / "01.md").write_text("没有来历的一行字。\n\n# 题\n\n本报讯（记者 甲一）文。\n", encoding="utf-8")
    issue = read_issue([(tmp_path / "01.md", "01.md")])
    assert [a.body for a in issue.articles] == ["没有来历的一行字。", "文。"]
    assert "1 行" in issue.warnings[0]


# Facts


@pytest.mark.parametrize(
    ("path", "date", "page", "paper"),
    [
        ("2024-07-30/02.md", "2024-07-30", 2, ""),
        ("a/20240730_02版.txt", "2024-07-30", 2, ""),
        ("劳动午报20240730第2版.md", "2024-07-30", 2, "劳动午报"),
        ("晚报/2024年7月30日 第十二版.md", "2024-07-30", 12, "晚报"),
        ("2024-02-30/01.md", None, 1, ""),
        ("notes/readme.md", None, None, ""),
        ("scans/000_90fa0a02da74b1dc.txt", None, None, ""),
    ],
)
def test_facts_from_names(path, date, page, paper):
    facts = from_path(Path(path))
    assert (facts.date, facts.page, facts.paper) == (date, page, paper)


def test_front_matter_goes_before_names_and_names_before_the_masthead(tmp_path):
    text = (
        "---\ndate: 2024-01-02\npaper: 甲报\n---\n2024年3月4日 星期一 第5版 要闻\n\n# 题\n\n本报讯（记者 甲一）文。\n"
    )
    (article,) = articles(text, tmp_path, "02.md")
    assert (article.date, article.paper, article.page, article.section) == ("2024-01-02", "甲报", 2, "要闻")
    origins = dict(article.origins)
    assert (origins["date"], origins["page"], origins["section"]) == ("front matter", "file name", "masthead")


def test_a_date_on_one_page_holds_for_the_issue_and_two_dates_for_none(tmp_path):
    for number, head in enumerate(("2024年3月4日 星期一 第1版", "没有报头"), 1):
        (tmp_path / f"0{number}.md").write_text(
            f"{head}\n\n# 题{number}\n\n本报讯（记者 甲一）文。\n", encoding="utf-8"
        )
    files = [(tmp_path / f"0{n}.md", f"0{n}.md") for n in (1, 2)]
    assert {a.date for a in read_issue(files).articles} == {"2024-03-04"}
    (tmp_path / "03.md").write_text("2024年3月5日 星期二 第3版\n\n# 题\n\n本报讯（记者 甲一）文。\n", encoding="utf-8")
    assert read_issue([*files, (tmp_path / "03.md", "03.md")]).pages[1].facts.date is None


# Formats

LONG = "这一页报纸上的文字保存成了另一种编码，读出来应当一字不差。工会组织职工学习新的技术，大家都说很有收获。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_told_apart(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes(LONG.encode(encoding))
    assert read_text(tmp_path / "a.txt") == LONG


def test_big5_is_told_from_gb18030(tmp_path):
    traditional = (
        "這一頁報紙上的文字保存成了另一種編碼，讀出來應當一字不差。工會組織職工學習新的技術，大家都說很有收穫。"
    )
    (tmp_path / "a.txt").write_bytes(traditional.encode("big5"))
    assert read_text(tmp_path / "a.txt") == traditional


def test_html_headings_bold_lines_and_hidden_text(tmp_path):
    html = (
        "<html><head><title>不显示</title><script>隐藏()</script></head><body><h2>引题</h2><h1>主题</h1>"
        "<p>本报讯（记者 甲一）一。</p><p><b>小标题</b></p><p>二<b>粗</b>。</p>"
        "<table><tr><td>甲</td><td>乙</td></tr></table>"
    )
    (tmp_path / "a.html").write_text(html, encoding="utf-8")
    issue = read_issue([(tmp_path / "a.html", "a.html")])
    (article,) = issue.articles
    assert (article.kicker, article.title) == ("引题", "主题")
    assert article.paragraphs == ["一。", "小标题", "二粗。", "甲 | 乙"]
    assert {s.text for s in issue.pages[0].ledger if s.role == "dropped"} == {"不显示", "隐藏()"}


def test_deep_nesting_in_html_is_read(tmp_path):
    (tmp_path / "a.html").write_text("<div>" * 100_000 + "深处。" + "</div>" * 100_000, encoding="utf-8")
    assert read_issue([(tmp_path / "a.html", "a.html")]).articles[0].body == "深处。"


def test_docx_headings_and_tables(tmp_path):
    import docx

    document = docx.Document()
    document.add_heading("题", level=1)
    document.add_paragraph("本报讯（记者 甲一）文。")
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "甲", "乙"
    document.save(str(tmp_path / "a.docx"))
    (article,) = read_issue([(tmp_path / "a.docx", "a.docx")]).articles
    assert (article.title, article.reporters, article.paragraphs) == ("题", ("甲一",), ["文。", "甲 | 乙"])


@pytest.fixture
def write_pdf(tmp_path):
    """Writes a PDF whose pages are lists of (left, top, size, text), in points from the upper left."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def write(name, pages, **options):
        canvas = Canvas(str(tmp_path / name), pagesize=(600, 800), **options)
        for lines in pages:
            for left, top, size, text in lines:
                canvas.setFont("STSong-Light", size)
                canvas.drawString(left, 800 - top, text)
            canvas.showPage()
        canvas.save()
        return tmp_path / name

    return write


def test_a_pdf_is_read_down_its_columns(tmp_path, write_pdf):
    page = [(40, 40, 10, "2024年7月30日 星期二 第2版 工会新闻"), (40, 90, 28, "左右两栏的一篇报道占满了版面")]
    left = [
        "本报讯（记者 甲一）左栏第一行的文字",
        "左栏第二行的文字还没有说完整的话",
        "左栏第三行说到这里就换到了右边那",
    ]
    right = ["一栏的第一行文字继续。", "右栏第二段从这里开始写起一直写到", "右栏第三行结束。"]
    page += [(64 if n == 0 else 40, 130 + 18 * n, 12, text) for n, text in enumerate(left)]
    page += [(344 if n == 1 else 320, 130 + 18 * n, 12, text) for n, text in enumerate(right)]
    (article,) = read_issue([(write_pdf("a.pdf", [page]), "a.pdf")]).articles
    assert (article.title, article.date, article.page) == ("左右两栏的一篇报道占满了版面", "2024-07-30", 2)
    assert article.reporters == ("甲一",)
    assert article.paragraphs == [
        "左栏第一行的文字左栏第二行的文字还没有说完整的话左栏第三行说到这里就换到了右边那一栏的第一行文字继续。",
        "右栏第二段从这里开始写起一直写到右栏第三行结束。",
    ]


def test_an_encrypted_pdf_is_named(tmp_path, write_pdf):
    path = write_pdf("secret.pdf", [[(40, 40, 12, "秘密。")]], encrypt="password")
    assert "已加密" in read_issue([(path, "secret.pdf")]).failed[0]


def test_a_pdf_of_more_pages_than_are_read_is_read_in_part_and_says_so(tmp_path, write_pdf):
    path = write_pdf("long.pdf", [[(40, 40, 12, f"第{n}页的文字。")] for n in range(700)])
    issue = read_issue([(path, "long.pdf")])
    assert len(issue.pages) == MAX_PDF_PAGES
    assert "有 700 页，只读了前 600 页" in issue.failed[0]


def test_a_scan_without_the_extra_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (tmp_path / "a.png").write_bytes(b"\x89PNG nothing")
    assert "pip install -e '.[ocr]'" in read_issue([(tmp_path / "a.png", "a.png")]).failed[0]


def test_a_scanned_page_is_recognised(tmp_path):
    pytest.importorskip("rapidocr", reason="the ocr extra is not installed")
    from PIL import Image, ImageDraw, ImageFont

    fonts = sorted(Path("/usr/share/fonts").rglob("*CJK*Regular*"))
    if not fonts:
        pytest.skip("no Chinese font to draw a page with (Debian: fonts-noto-cjk)")
    picture = Image.new("RGB", (1200, 500), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((60, 40), "三十八年修表人坚守青石巷", font=ImageFont.truetype(fonts[0], 60), fill=0)
    small = ImageFont.truetype(fonts[0], 28)
    draw.text((116, 160), "本报讯（记者 林砚秋）江州老城有一间小店，", font=small, fill=0)
    draw.text((60, 205), "修表匠已经坐了三十八年。", font=small, fill=0)
    picture.save(tmp_path / "a.png")
    (article,) = read_issue([(tmp_path / "a.png", "a.png")]).articles
    assert article.title == "三十八年修表人坚守青石巷"
    assert article.reporters == ("林砚秋",)
    assert article.body == "江州老城有一间小店，修表匠已经坐了三十八年。"


# Robustness


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "# 题",
                    "## 副题",
                    "**粗体**",
                    "本报讯（记者 甲一）文。",
                    "（下转第3版）",
                    "![图](a.jpg)",
                    "",
                    "甲" * 30,
                ]
            ),
            st.text(st.sampled_from("甲乙丙。，（）#*|[]!-记者摄版第上接下转123 \u200b\u3000"), max_size=30),
        ),
        max_size=25,
    )
)
def test_no_page_crashes_and_no_character_is_lost(lines):
    text = "\n".join(lines)
    reading = read_blocks(markdown_blocks(text))
    kept = "".join(segment.text for segment in reading.ledger)
    assert chinese(kept) == chinese(text)
    body = "".join("".join(draft.paragraphs) for draft in reading.drafts)
    roles = ("paragraph", "subhead", "bold", "table", "heading", "unrecognised")
    assert chinese(body) == chinese("".join(s.text for s in reading.ledger if s.role in roles))


@pytest.mark.skipif(not PAGES.is_dir(), reason="the development pages are not here")
def test_every_chinese_character_of_the_development_pages_ends_in_one_place():
    issues = [json.loads(line) for line in (PAGES / "gold.jsonl").open(encoding="utf-8")]
    for gold in issues:
        issue = read_issue([(PAGES / name, name) for name in gold["files"]])
        assert len(issue.pages) == len(gold["files"])
        for page in issue.pages:
            text = (PAGES / page.source).read_text(encoding="utf-8")
            assert chinese("".join(segment.text for segment in page.ledger)) == chinese(text)


@pytest.mark.skipif(not PAGES.is_dir(), reason="the development pages are not here")
def test_the_development_pages_are_read_as_the_gold_says():
    from benchmarks.parse import score

    scores = score(PAGES)
    assert scores["articles_f1"] >= 0.98
    assert min(scores["title"], scores["kicker"], scores["subtitle"]) >= 0.98
    assert min(scores["reporters"], scores["correspondents"], scores["paragraphs"], scores["jumps"]) >= 0.97


@pytest.mark.skipif(not (DEVELOPMENT_DATA / "issues").is_dir(), reason="the real page is not here")
def test_the_real_page_has_its_six_articles():
    (path,) = (DEVELOPMENT_DATA / "issues").glob("*.txt")
    found = read_issue([(path, path.name)]).articles
    assert [a.reporters for a in found] == [("刘欣欣",), ("宗晓畅",), ("王路曼",), ("盛丽",), ("边磊",), ("陈曦",)]
    assert found[0].correspondents == ("景晓薇", "王婧")
    assert found[0].kicker == "国网北京市电力公司工会架起企业与职工共同发展“连心桥”"
    assert found[0].title == "畅通建言渠道 让职工有“求”必应"
    assert found[1].photographers == ("王辰阳",)
    assert [len(a.paragraphs) for a in found] == [7, 4, 3, 3, 4, 2]
    bodies = "".join(a.body for a in found)
    assert "奋力开拓首都工会" not in bodies
    assert "深化厂务公开民主管理" not in bodies


@pytest.mark.parametrize("line", ["# 标题\n\n", "**粗体**\n\n", "本报讯（记者 甲一）文。\n\n", "短行\n\n"])
def test_twenty_thousand_lines_of_one_kind_are_read_in_time(line):
    began = time.process_time()
    reading = read_blocks(markdown_blocks(line * 20_000))
    assert time.process_time() - began < 30
    assert len(reading.ledger) >= 20_000


def test_a_broken_or_bombed_file_is_named(tmp_path):
    import zipfile

    bomb = tmp_path / "bomb.docx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (300 << 20))
    issue = read_issue([(bomb, "bomb.docx")])
    assert issue.articles == []
    assert "拒绝读取" in issue.failed[0]


def test_a_file_of_another_kind_is_named(tmp_path):
    from index.reading import UnreadableFileError

    (tmp_path / "a.xyz").write_text("字")
    with pytest.raises(UnreadableFileError, match=r"不支持的类型 '.xyz'"):
        read_pages(tmp_path / "a.xyz")
