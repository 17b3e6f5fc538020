"""Markdown and plain text: pages of a paper, one article per file, or dumps of a daily."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from index.types import JsonObject

from ..blocks import dropped, markdown_blocks
from ..content.dumps import Chunk, chunks
from ..content.files import read_text_noted
from ..content.recognition import plain
from ..facts.fields import as_line, mapped
from ..facts.imprint import read_imprint
from ..facts.people import from_field
from ..facts.roles import People
from . import records, web
from .base import FileText, Format, Options, PageText

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE)


def read_markdown(path: Path, options: Options) -> FileText:
    """Read the pages of a text file; JSON or HTML with a text file's name is read as such."""
    text, notes = read_text_noted(path)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip("\ufeff \n")[:1] in ("{", "[") and (found := records.from_text(text, path, options)):
        found.notes += notes
        return records.require_articles(found, path)
    if _HTML.match(text):
        return FileText([web.page(text)], notes=notes)
    result = FileText(notes=notes)
    front, text, first_line = _front_matter(path, text, result)
    for chunk in chunks(plain(text)):
        result.pages.append(_page(chunk, front, first_line, options))
    if front and result.pages:
        result.mapped |= mapped(front, options.fields).how
    return result


def _page(chunk: Chunk, front: JsonObject, first_line: int, options: Options) -> PageText:
    values = mapped({**front, **chunk.labels}, options.fields).values
    blocks = markdown_blocks(chunk.text, first_line + chunk.line)
    head = [dropped(f"{name}：{value}", 1, "labelled head") for name, value in chunk.labels.items()]
    return PageText(values, [*head, *blocks], people=_people(values), title=given_title(values))


def given_title(values: JsonObject) -> str:
    """The headline among labelled values; the title of an issue or a page does not count."""
    title = as_line(values.get("title"))
    return "" if read_imprint(title) else title


def _people(values: JsonObject) -> People:
    people = People()
    people.add(from_field(as_line(values.get("reporters"))))
    people.correspondents.extend(from_field(as_line(values.get("correspondents"))).reporters)
    people.photographers.extend(from_field(as_line(values.get("photographers"))).reporters)
    return people


def _front_matter(path: Path, text: str, result: FileText) -> tuple[JsonObject, str, int]:
    """The values of a YAML header, the text after it, and the line number at which that text starts."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text, 1
    try:
        values = yaml.safe_load(match[1])
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = str(error).splitlines()[0]
        result.notes.append(f"{path}: YAML 头读不懂，按“名: 值”逐行读 (bad front matter): {reason}")
        values = dict(re.findall(r"^([^\s:：#][^:：\n]{0,30})\s*[:：]\s*(\S.*)$", match[1], re.MULTILINE))
    front = values if isinstance(values, dict) else {}
    return front, text[match.end() :], text[: match.end()].count("\n") + 1


FORMATS = (Format("text", (".md", ".markdown", ".txt", ".text"), read_markdown),)
