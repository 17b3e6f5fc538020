"""Office files: what Word, OpenDocument, e-books, messages, workbooks and archives hold."""

import io
import json
import zipfile

import pytest

from index.reading import read_issue
from index.reading.formats import packed

TEXT = "江州老城的水文站昨天换上了新水尺，每小时报一次水位。"
MORE = "站长顾小满说，新水尺能量到十二米，夜里也看得清。"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def only(path):
    issue = read_issue([(path, path.name)])
    assert len(issue.articles) == 1, (issue.failed, [(a.title, a.body) for a in issue.articles])
    return issue.articles[0]


def packed_file(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def run(text):
    return f"<w:r><w:t>{text}</w:t></w:r>"


def paragraph(text):
    return f"<w:p>{text if text.startswith('<') else run(text)}</w:p>"


def table(cell):
    return f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>"


DELETED = '<w:del w:id="2"><w:r><w:delText>旧</w:delText></w:r></w:del>'


def word(tmp_path, body, **parts):
    members = {"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"}
    members |= {f"word/{name}.xml": content for name, content in parts.items()}
    return packed_file(tmp_path / "a.docx", members)


TITLE = '<w:p><w:pPr><w:pStyle w:val="a1"/></w:pPr><w:r><w:t>水文站换新尺</w:t></w:r></w:p>'
STYLES = f'<w:styles {W}><w:style w:styleId="a1"><w:name w:val="heading 1"/></w:style></w:styles>'


@pytest.mark.parametrize(
    "body",
    [
        paragraph(TEXT) + f'<w:p><w:ins w:id="1">{run(MORE)}</w:ins>{DELETED}</w:p>',
        paragraph(TEXT) + f"<w:sdt><w:sdtContent>{paragraph(MORE)}</w:sdtContent></w:sdt>",
        paragraph(TEXT) + f"<w:p><w:smartTag>{run(MORE)}</w:smartTag></w:p>",
        paragraph(TEXT) + f"<w:p><w:hyperlink>{run(MORE)}</w:hyperlink></w:p>",
        paragraph(TEXT) + table(table(paragraph(MORE))),
        f"<w:p>{run(TEXT)}<w:r><w:pict><w:txbxContent>{paragraph(MORE)}</w:txbxContent></w:pict></w:r></w:p>",
        f'<w:p>{run(TEXT)}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
        f"<w:p>{run(TEXT)}<w:r><w:br/></w:r>{run(MORE)}</w:p>",
        paragraph(TEXT) + f'<w:moveTo w:id="3">{paragraph(MORE)}</w:moveTo>'
        f'<w:p><w:moveFrom w:id="3">{run(MORE)}</w:moveFrom></w:p>',
    ],
)  # fmt: skip
def test_word_loses_no_text_and_keeps_no_deletion(tmp_path, body):
    notes = f'<w:footnotes {W}><w:footnote w:id="2">{paragraph(MORE)}</w:footnote></w:footnotes>'
    article = only(word(tmp_path, TITLE + body, styles=STYLES, footnotes=notes))
    assert (article.title, article.paragraphs) == ("水文站换新尺", [TEXT, MORE])


def test_word_s_page_header_is_the_masthead_and_a_table_s_rows_are_rows(tmp_path):
    header = f"<w:hdr {W}>{paragraph('江州日报 2025年4月18日 星期五 第3版 城事')}</w:hdr>"
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("江州站", "十二米"))
    body = TITLE + paragraph(TEXT) + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    article = only(word(tmp_path, body, styles=STYLES, header1=header))
    assert (article.paper, article.date, article.page, article.section) == ("江州日报", "2025-04-18", 3, "城事")
    assert article.paragraphs == [TEXT, "江州站 | 十二米"]


def test_open_document_text(tmp_path):
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    )
    rows = "<table:table><table:table-row><table:table-cell><text:p>甲站</text:p></table:table-cell><table:table-cell><text:p>三米</text:p></table:table-cell></table:table-row></table:table>"  # noqa: E501
    body = f'<text:h text:outline-level="1">水文站换新尺</text:h><text:p>{TEXT}<text:line-break/>{MORE}</text:p>{rows}'
    gone = "<text:tracked-changes><text:p>删去的话。</text:p></text:tracked-changes>"
    content = f"<office:document-content {names}><office:body><office:text>{gone}{body}</office:text></office:body></office:document-content>"  # noqa: E501
    article = only(packed_file(tmp_path / "a.odt", {"content.xml": content}))
    assert (article.title, article.paragraphs) == ("水文站换新尺", [TEXT, MORE, "甲站 | 三米"])


def test_an_e_book_is_read_in_the_order_of_its_spine(tmp_path):
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="b" href="b.xhtml"/>'
        '<item id="a" href="a.xhtml"/>'
        '</manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    container = '<container><rootfiles><rootfile full-path="O/p.opf"/></rootfiles></container>'
    pages = {
        f"O/{n}.xhtml": f"<html><body><h1>{t}</h1><p>{x}</p></body></html>"
        for n, t, x in (("b", "春水初涨", MORE), ("a", "水文站换新尺", TEXT))
    }
    path = packed_file(tmp_path / "a.epub", {"META-INF/container.xml": container, "O/p.opf": package, **pages})
    assert [a.title for a in read_issue([(path, "a.epub")]).articles] == ["水文站换新尺", "春水初涨"]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_message(tmp_path, kind):
    text = f"本报记者 林砚秋\n\n{TEXT}\n" if kind == "plain" else f"<p>本报记者 林砚秋</p><p>{TEXT}</p>"
    head = "Subject: =?utf-8?b?5rC05paH56uZ5o2i5paw5bC6?=\nDate: Fri, 18 Apr 2025 08:00:00 +0800\nMIME-Version: 1.0\n"
    body = f"Content-Type: text/{kind}; charset=gb18030\nContent-Transfer-Encoding: 8bit\n\n"
    (tmp_path / "a.eml").write_bytes((head + body).encode() + text.encode("gb18030"))
    article = only(tmp_path / "a.eml")
    assert (article.title, article.date, article.reporters) == ("水文站换新尺", "2025-04-18", ("林砚秋",))
    assert article.body == TEXT


def test_a_page_saved_as_one_file(tmp_path):
    page = f"<html><body><h1>水文站换新尺</h1><p>{TEXT}</p></body></html>"
    head = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n--b\n'
    head += "Content-Type: text/html; charset=utf-8\n"
    (tmp_path / "a.htm").write_text(f"{head}Content-Transfer-Encoding: 8bit\n\n{page}\n--b--\n", encoding="utf-8")
    assert (only(tmp_path / "a.htm").title, only(tmp_path / "a.htm").body) == ("水文站换新尺", TEXT)


def test_a_workbook_of_articles(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["新闻汇总"],
        ["标题", "正文", "日期", "版次"],
        ["水文站换新尺", TEXT, "2025-04-18", 3],
        ["缺正文", None, None, 4],
    ):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    issue = read_issue([(tmp_path / "a.xlsx", "a.xlsx")])
    (article,) = issue.articles
    assert (article.title, article.body, article.date, article.page) == ("水文站换新尺", TEXT, "2025-04-18", 3)
    assert "1 行没有正文" in issue.failed[0]


def test_a_workbook_without_the_extra_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    packed_file(tmp_path / "a.xlsx", {"x": ""})
    assert "pip install -e '.[office]'" in read_issue([(tmp_path / "a.xlsx", "a.xlsx")]).failed[0]


def test_an_archive_is_read_without_its_paths(tmp_path):
    record = json.dumps({"title": "春水初涨", "text": MORE}, ensure_ascii=False)
    members = {
        "../../江州日报/20250418/03.md": f"# 水文站换新尺\n\n{TEXT}\n",
        "/root/a.jsonl": record,
        "C:\\x\\b.xyz": "别的",
        "inner.zip": "PK",
    }
    issue = read_issue([(packed_file(tmp_path / "a.zip", members), "a.zip")])
    given, page = issue.articles
    assert (given.title, given.body) == ("春水初涨", MORE)
    assert (page.title, page.date, page.page, page.source) == (
        "水文站换新尺",
        "2025-04-18",
        3,
        "a.zip/江州日报/20250418/03.md",
    )
    assert "2 个文件不是可读的类型" in issue.failed[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_an_archive_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "_MOST_MEMBERS", 2)
    path = packed_file(tmp_path / "a.zip", {f"{n}.md": TEXT for n in range(3)})
    assert "超过 2 个" in read_issue([(path, "a.zip")]).failed[0]


def test_alto_s_larger_type_is_a_headline(tmp_path):
    lines = f'<TextBlock STYLEREFS="B"><TextLine><String CONTENT="水文站换新尺"/></TextLine></TextBlock><TextBlock STYLEREFS="S"><TextLine><String CONTENT="{TEXT[:9]}"/></TextLine><TextLine><String CONTENT="{TEXT[9:]}"/></TextLine></TextBlock>'  # noqa: E501
    styles = '<Styles><TextStyle ID="B" FONTSIZE="30"/><TextStyle ID="S" FONTSIZE="10"/></Styles>'
    (tmp_path / "a.xml").write_text(f"<alto>{styles}<Layout><Page>{lines}</Page></Layout></alto>", encoding="utf-8")
    assert (only(tmp_path / "a.xml").title, only(tmp_path / "a.xml").body) == ("水文站换新尺", TEXT)


# Broken and hostile files of every kind

BOMB = io.BytesIO()
with zipfile.ZipFile(BOMB, "w", zipfile.ZIP_DEFLATED) as _archive:
    for _name in ("word/document.xml", "content.xml", "a.md", "xl/workbook.xml"):
        _archive.writestr(_name, b"0" * (70 << 20))
ENTITIES = '<!DOCTYPE a [<!ENTITY x "0123456789"><!ENTITY y "&x;&x;&x;&x;&x;&x;">'
ENTITIES += '<!ENTITY z "&y;&y;&y;&y;&y;&y;">]><a>&z;</a>'
BROKEN = {
    "empty": b"",
    "blank": b" \n\t\n",
    "zeros": b"\0" * 4096,
    "noise": bytes(range(256)) * 40,
    "bomb": BOMB.getvalue(),
    "cut zip": BOMB.getvalue()[: len(BOMB.getvalue()) // 2],
    "not a zip": b"PK\x03\x04 nothing",
    "entities": ENTITIES.encode(),
    "outside entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "deep xml": b"<a>" * 50_000,
    "deep json": b"[" * 100_000,
    "open json": b'{"title": "a", "text": ',
    "wrong json": b'{"title": {"text": []}, "text": 5}',
    "nulls": b'[null, null, {"text": null}]',
    "quotes": b'title,text\n"a,b\n' * 50,
    "one column": "标题\n水文站\n".encode(),
    "long line": "水".encode() * 200_000,
    "tags": b"<<<>>><p <b></p" * 2000,
    "open comment": b"<html><!-- <p>",
    "mime": b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n--b\n--b--",
    "surrogates": b"\xed\xa0\x80" * 100,
    "pdf": b"%PDF-1.7\n1 0 obj << /Type /Catalog >> trailer << /Root 1 0 R >>",
}
SUFFIXES = [".txt", ".html", ".docx", ".json", ".csv", ".xlsx", ".odt", ".epub", ".eml", ".xml", ".zip", ".pdf"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_broken_and_hostile_files_end_in_clear_words(tmp_path, suffix):
    assert len(BROKEN) >= 20
    for name, content in BROKEN.items():
        path = tmp_path / f"{name.replace(' ', '-')}{suffix}"
        path.write_bytes(content)
        issue = read_issue([(path, path.name)])
        assert issue.articles or issue.failed or issue.warnings or issue.pages, (name, suffix)
        assert "root:" not in "".join(article.body for article in issue.articles)
        assert all(path.name in words for words in issue.failed), (name, suffix, issue.failed)
