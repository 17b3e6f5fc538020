"""Exports lists of articles as tables and in the formats of reference managers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from index.article import Article
from index.errors import BaowenError
from index.extras import require
from index.text.words import visible
from index.types import JsonObject
from rag.results import printed_date

from .styles import gbt_reference, references_by

_COLUMNS = (
    "id",
    "title",
    "kicker",
    "subtitle",
    "date",
    "paper",
    "page",
    "section",
    "reporters",
    "correspondents",
    "text",
)
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")  # what a spreadsheet would take for a formula
_LONGEST_CELL = 32_000  # characters; Excel refuses more than 32,767
_ILLEGAL = re.compile(r"[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX |= {sign: f"\\{sign}" for sign in "&%$#_{}"}


def export(articles: Iterable[Article], form: str) -> bytes:
    """Return the articles in a format of ``FORMS``.

    Raises:
        BaowenError: there is no such format, or a package it needs is not installed.
    """
    if form not in FORMS:
        raise BaowenError(f"没有 {form} 这种格式 (no such format)；可用 {'、'.join(FORMS)}")
    made = FORMS[form].make(list(articles))
    return made if isinstance(made, bytes) else made.encode()


def authors(article: Article) -> list[str]:
    """Return the article's authors for a reference: reporters, then correspondents."""
    return list(dict.fromkeys((*article.reporters, *article.correspondents)))


def reference(article: Article) -> str:
    """Return the article's reference by GB/T 7714-2015: 记者. 题名[N]. 报名, 日期(版次)."""
    return _line(gbt_reference(csl_item(article)))


def references(articles: Iterable[Article], style: Path) -> bytes:
    """Return the articles' references by a CSL style from a file, a line each; errors as ``references_by``."""
    return "".join(f"{_line(made)}\n" for made in references_by(style, [csl_item(one) for one in articles])).encode()


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe is put before text that begins like one."""
    return f"'{text}" if _FORMULA.match(text) else text


def _rows(articles: Sequence[Article]) -> list[list[str]]:
    rows = []
    for article in articles:
        values = article.as_dict() | {"text": article.body, "page": "、".join(map(str, article.pages))}
        listed = ("、".join(v) if isinstance(v := values[name], list) else str(v or "") for name in _COLUMNS)
        rows.append([safe_cell(_ILLEGAL.sub("", visible(value)))[:_LONGEST_CELL] for value in listed])
    return rows


def _csv(articles: Sequence[Article]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows(_rows(articles))
    return "\ufeff" + out.getvalue()  # so that Excel recognises UTF-8


def _xlsx(articles: Sequence[Article]) -> bytes:
    require("openpyxl", "office", "导出 XLSX (XLSX) ")
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("baowen")
    for row in [list(_COLUMNS), *_rows(articles)]:
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell in cells:
            cell.data_type = "s"  # text, never a formula
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ris(articles: Sequence[Article]) -> str:
    records = []
    for article in articles:
        year, month, day = (article.date or "--").split("-")
        fields = [("TY", "NEWS"), ("ID", article.id), ("TI", _title(article))]
        fields += [("AU", name) for name in authors(article)]
        fields += [("T2", article.paper), ("PY", year), ("DA", f"{year}/{month}/{day}/" if year else "")]
        fields += [("SP", _pages(article)), ("SE", article.section), ("LA", "zh"), ("N1", article.source)]
        lines = [f"{tag}  - {value}" for tag, text in fields if (value := _line(text))]
        records.append("\r\n".join([*lines, "ER  - ", ""]))
    return "\r\n".join(records)


def _bibtex(articles: Sequence[Article]) -> str:
    entries = []
    for number, article in enumerate(articles, 1):
        year, month, _ = (article.date or "--").split("-")
        fields = {
            "title": _title(article),
            "author": " and ".join(f"{{{_tex(name)}}}" for name in authors(article)),
            "journal": article.paper,
            "year": year,
            "month": month.lstrip("0"),
            "date": article.date or "",
            "pages": _pages(article),
            "note": article.id,
        }
        lines = [
            f"  {name} = {{{value if name == 'author' else _tex(_line(value))}}},"
            for name, value in fields.items()
            if value
        ]
        entries.append("\n".join([f"@article{{baowen{number},", *lines, "  langid = {chinese},", "}", ""]))
    return "\n".join(entries)


def csl_item(article: Article) -> JsonObject:
    """Return an article as CSL-JSON."""
    item: JsonObject = {
        "id": article.id,
        "type": "article-newspaper",
        "title": _title(article),
        "author": [{"literal": name} for name in authors(article)],
        "container-title": article.paper,
        "section": article.section,
        "page": _pages(article),
        "language": "zh-CN",
    }
    if article.date:
        item["issued"] = {"date-parts": [[int(part) for part in article.date.split("-")]]}
    return {name: value for name, value in item.items() if value}


def _csl(articles: Sequence[Article]) -> str:
    return json.dumps([csl_item(article) for article in articles], ensure_ascii=False, indent=1) + "\n"


def _noteexpress(articles: Sequence[Article]) -> str:
    records = []
    for article in articles:
        fields = {
            "Reference Type": "Newspaper Article",
            "Title": _title(article),
            "Author": ";".join(authors(article)),
            "Secondary Title": article.paper,
            "Year": (article.date or "")[:4],
            "Date": article.date or "",
            "Pages": _pages(article),
            "Notes": article.id,
        }
        records.append("".join(f"{{{name}}}: {line}\n" for name, value in fields.items() if (line := _line(value))))
    return "\n\n".join(records)


def _gbt(articles: Sequence[Article]) -> str:
    return "".join(f"[{number}] {reference(article)}\n" for number, article in enumerate(articles, 1))


def _text(articles: Sequence[Article]) -> str:
    blocks = []
    for article in articles:
        where = " ".join(p for p in (article.paper, printed_date(article.date), _printed_pages(article)) if p)
        blocks.append("\n".join([_title(article), where, article.signature, article.body]))
    return visible("\n\n".join(blocks)) + "\n"


def _title(article: Article) -> str:
    return article.title or article.heading or article.id


def _pages(article: Article) -> str:
    return ",".join(map(str, article.pages))


def _printed_pages(article: Article) -> str:
    return "、".join(f"第{page}版" for page in article.pages)


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)


class ExportForm(NamedTuple):
    """An export format: its displayed name, its file extension, and the function that writes it."""

    name: str
    ending: str
    make: Callable[[Sequence[Article]], str | bytes]


FORMS = {
    "csv": ExportForm("CSV", "csv", _csv),
    "xlsx": ExportForm("Excel", "xlsx", _xlsx),
    "ris": ExportForm("RIS", "ris", _ris),
    "bibtex": ExportForm("BibTeX", "bib", _bibtex),
    "csl": ExportForm("CSL-JSON", "json", _csl),
    "noteexpress": ExportForm("NoteExpress", "net", _noteexpress),
    "gbt": ExportForm("GB/T 7714", "txt", _gbt),
    "txt": ExportForm("TXT", "txt", _text),
}
