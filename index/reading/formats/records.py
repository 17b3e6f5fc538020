"""JSON and JSONL: one article per line, arrays, or issues with pages with articles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from index.types import JsonObject

from ..blocks import markdown_blocks
from ..content.files import UnreadableFileError, read_text_noted
from ..content.recognition import plain
from ..facts.fields import as_line, as_text, mapped
from ..facts.known import from_path
from .base import FileText, Format, Options, PageText

_HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)
_INHERITED = ("paper", "date", "page", "section", "year", "month", "day")
_FILE_NAMES = ("sourcefile", "file", "filename", "filepath", "path", "pdf", "image")
_SUFFIXES = (".jsonl", ".json", ".ndjson")
_DEEPEST = 8
_MOST_NAMED = 3  # beyond this number, bad lines are only counted


def read_json(path: Path, options: Options) -> FileText:
    """Read the articles of a JSON or JSONL file.

    Raises:
        UnreadableFileError: it contains no article, or is not JSON.
    """
    text, notes = read_text_noted(path)
    result = from_text(text, path, options) if text.lstrip("\ufeff \n")[:1] in ("{", "[") else None
    if result is None:
        raise UnreadableFileError(f"{path}: 不是 JSON (not JSON): {text.strip()[:40]!r}")
    result.notes += notes
    return require_articles(result, path)


def require_articles(result: FileText, path: Path) -> FileText:
    """Return ``result`` after checking that it contains articles.

    Raises:
        UnreadableFileError: it does not.
    """
    if not (result.pages or result.records):
        missing = f"{path}: JSON 里没有文章，需要有正文的字段 (no article: needs a field such as text)"
        raise UnreadableFileError(result.problems[0] if result.problems else missing)
    return result


def from_text(text: str, path: Path, options: Options) -> FileText | None:
    """Read the articles of a JSON text: one value, or one per line, where a bad line is skipped.

    None if the text contains no objects or, in a file with another suffix, more lines are invalid JSON than valid.
    """
    text = text.lstrip("\ufeff")
    result = FileText()
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _from_lines(text, path, options, result)
    if not _holds_objects(whole):
        return None
    _take(whole, options, result)
    if isinstance(whole, dict) and not (result.pages or result.records) and path.suffix.lower() == ".jsonl":
        result.problems.append(f"{path} 第 1 行: 没有正文 (no text): {text[:40]!r}")
    return result


def _from_lines(text: str, path: Path, options: Options, result: FileText) -> FileText | None:
    bad: list[str] = []
    good = 0
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip().rstrip(",")
        if not stripped or stripped in "[]":
            continue
        try:
            value = json.loads(stripped)
        except (ValueError, RecursionError):
            bad.append(f"{path} 第 {number} 行: 不是 JSON (not JSON): {stripped[:40]!r}")
            continue
        before = len(result.pages) + len(result.records)
        _take(value, options, result)
        good += _holds_objects(value)
        if len(result.pages) + len(result.records) == before:
            bad.append(f"{path} 第 {number} 行: 没有正文 (no text): {stripped[:40]!r}")
    if not good or (path.suffix.lower() not in _SUFFIXES and len(bad) > good):
        return None
    result.problems += bad[:_MOST_NAMED]
    if len(bad) > _MOST_NAMED:
        result.problems.append(f"{path}: 另有 {len(bad) - _MOST_NAMED} 行读不出 (more lines could not be read)")
    return result


def _holds_objects(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict | list) for item in value))


def _take(value: object, options: Options, result: FileText) -> None:
    for values, how in _articles(value, options.fields, {}, 0):
        result.mapped |= how
        take_record(values, result)


def take_record(values: JsonObject, result: FileText) -> None:
    """Add a record; if it has no title and its text is a whole Markdown page, it is read as that page."""
    text = as_text(values["text"])
    if not values.get("title") and _HEADING.search(text):
        file = values.get("file")
        known = from_path(PurePath(str(file))) if file else None
        front = {name: value for name, value in values.items() if name in _INHERITED}
        page = PageText(front, markdown_blocks(plain(text)))
        result.pages.append(page if known is None else PageText(front, page.blocks, facts=known))
        return
    result.records.append(values)


def _articles(
    value: object, overrides: Mapping[str, str], above: JsonObject, depth: int
) -> Iterator[tuple[JsonObject, dict[str, str]]]:
    """Yield the articles in a JSON value, with our names; values above them (paper, date, page) apply to each."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _articles(item, overrides, above, depth + 1)
        return
    if not isinstance(value, dict):
        return
    found = mapped(value, overrides)
    values = above | {name: item for name, item in found.values.items() if item not in (None, "", [])}
    file = _file(found.rest)
    if found.values.get("text") and re.search(r"\w", as_text(found.values["text"])):
        notes = [text for text in found.rest.values() if isinstance(text, str)]
        yield values | ({"file": file} if file else {}) | ({"notes": notes} if notes else {}), found.how
        return
    inherited = {
        name: values[name] for name in _INHERITED if values.get(name) and not isinstance(values[name], list | dict)
    }
    for item in value.values():
        if isinstance(item, list | dict):
            yield from _articles(item, overrides, inherited, depth + 1)


def _file(rest: Mapping[str, object]) -> str:
    """The file from which a record says it was made; its name gives paper, date and page."""
    for name, value in rest.items():
        if isinstance(value, dict):
            if found := _file(value):
                return found
        elif re.sub(r"[\s_\-]", "", str(name)).lower() in _FILE_NAMES and isinstance(value, str):
            return as_line(value)
    return ""


FORMATS = (Format("json", _SUFFIXES, read_json),)
