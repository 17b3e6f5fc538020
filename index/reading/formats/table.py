"""Tables of articles: CSV and TSV with the standard library, .xlsx with openpyxl."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..content.files import UnreadableFileError, read_text_noted
from ..facts.fields import our_name
from .base import FileText, Format, Options, open_zip
from .records import _articles, take_record

_MOST_ROWS = 1_000_000
_LONGEST_CELL = 4 << 20


def read_csv(path: Path, options: Options) -> FileText:
    """Read the articles of a table whose first row contains column names.

    Raises:
        UnreadableFileError: no column contains article text.
    """
    text, notes = read_text_noted(path)
    text = text.lstrip("\ufeff")
    csv.field_size_limit(_LONGEST_CELL)
    first = text.split("\n", 1)[0]
    delimiter = max("\t,;|", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFileError(f"{path}: 表格读不懂 (bad CSV): {error}") from error
    result = _from_rows(path, rows, options)
    result.notes += notes
    return result


def read_xlsx(path: Path, options: Options) -> FileText:
    """Read the articles of a workbook, sheet by sheet.

    Raises:
        UnreadableFileError: it is broken or too large, or no sheet contains articles.
    """
    import openpyxl

    open_zip(path, ".xlsx").close()
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        tables = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]
        book.close()
    except Exception as error:  # openpyxl raises many kinds of errors for a broken file
        raise UnreadableFileError(f"{path}: 不是可读的 .xlsx (cannot read): {type(error).__name__}") from error
    return from_sheets(path, tables, options)


def from_sheets(path: Path, sheets: Iterable[Sequence[Sequence[object]]], options: Options) -> FileText:
    """Read the articles of a workbook's sheets.

    Raises:
        UnreadableFileError: no sheet contains articles.
    """
    result = FileText()
    failures = []
    for rows in sheets:
        try:
            result.add(_from_rows(path, rows, options))
        except UnreadableFileError as error:
            failures.append(error)
    if not result.records and not result.pages and failures:
        raise failures[0]
    return result


def _from_rows(path: Path, rows: Sequence[Sequence[object]], options: Options) -> FileText:
    head = next((index for index, row in enumerate(rows[:20]) if _is_head(row, options)), None)
    if head is None:
        named = "、".join(str(cell)[:20] for cell in rows[0][:8]) if rows else ""
        raise UnreadableFileError(
            f"{path}: 表头里没有正文一列 (no text column): {named}; 可用 --map text=列名 指定 (name it with --map)"
        )
    names = [str(cell or "").strip() for cell in rows[head]]
    result = FileText()
    empty = 0
    for row in rows[head + 1 : _MOST_ROWS]:
        record = {name: _cell(cell) for name, cell in zip(names, row, strict=False) if name and cell not in (None, "")}
        found = list(_articles(record, options.fields, {}, 0))
        for values, how in found:
            result.mapped |= how
            take_record(values, result)
        empty += bool(record) and not found
    if not (empty or result.records or result.pages):
        raise UnreadableFileError(f"{path}: 表头下面没有行 (no rows below the header)")
    if empty:
        result.problems.append(f"{path}: {empty} 行没有正文，略去 (rows without text)")
    return result


def _is_head(row: Iterable[object], options: Options) -> bool:
    names = [str(cell or "").strip() for cell in row]
    return options.fields.get("text") in names or any(our_name(name) == "text" for name in names)


def _cell(value: object) -> str:
    text = str(value)
    return re.sub(r"[ T]00:00:00$", "", text)


FORMATS = (
    Format("csv", (".csv", ".tsv"), read_csv),
    Format("xlsx", (".xlsx",), read_xlsx, needs=("openpyxl", "office")),
)
