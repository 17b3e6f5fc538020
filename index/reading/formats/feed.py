"""RSS and Atom feeds of one or more days of a paper; each entry is an article's page or text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..blocks import markdown_blocks
from ..content.characters import clean
from ..content.files import UnreadableFileError
from ..content.xml import read_xml, root_name
from ..facts.imprint import paper_name, read_imprint
from ..facts.known import Facts, date_value, facts
from ..facts.people import from_field
from . import web
from .base import FileText, Format, Options, PageText

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOTS = ("rss", "feed", "RDF")
_TEXTS = ("encoded", "content", "description", "summary")  # fullest first
_DATES = ("pubDate", "published", "date", "updated")
_MARKUP = re.compile(r"<(?:p|div|br|h\d|span|img|table)\b", re.IGNORECASE)
# [01版：要闻] 题: some crawlers put the page before an entry's title.
_PAGE_BEFORE = re.compile(r"^[\[［【（(](?P<page>[^\]］】）)]{2,20})[\]］】）)]\s*(?=\S)")
_NAME = re.compile(r"[\w.\-]{1,80}")
_PARTS = re.compile(r"\s*[-_|｜—–·]+\s*")


def read_feed(path: Path, _options: Options) -> FileText:
    """Read the entries of a feed, each as a page.

    Raises:
        UnreadableFileError: it is not XML, or no entry has text.
    """
    root = read_xml(path)
    known = facts("the feed's title", paper=_paper(root))
    entries = [element for element in root.iter() if element.tag in ("item", "entry")]
    result = FileText([_page(entry, text, known, at) for at, entry in enumerate(entries, 1) if (text := _text(entry))])
    if not result.pages:
        raise UnreadableFileError(f"{path}: 订阅源里没有带正文的条目 (a feed without texts)")
    if empty := len(entries) - len(result.pages):
        result.notes.append(f"{path}: {empty} 条没有正文，略去 (entries without text)")
    return result


def _page(entry: _Element, text: str, feed: Facts, number: int) -> PageText:
    title = clean(_value(entry, "title"))
    found = None
    if before := _PAGE_BEFORE.match(title):
        found = read_imprint(before["page"])
        title = title[before.end() :] if found else title
    page = web.page(text) if _MARKUP.search(text) else PageText({}, markdown_blocks(text))
    people = from_field(_value(entry, "creator") or _value(entry, "author"))
    said = facts(
        "the feed's entry",
        date=next((day for name in _DATES if (day := date_value(_value(entry, name)))), None),
        page=found.page if found else None,
        section=found.section if found else "",
    )
    return replace(
        page,
        title=page.title or title,
        facts=page.facts.over(said).over(feed),
        people=page.people if page.people else people,
        inner=_name(entry) or str(number),
    )


def _text(entry: _Element) -> str:
    """The fullest text of an entry."""
    return next((text for name in _TEXTS for element in _children(entry, name) if (text := _inside(element))), "")


def _inside(element: _Element) -> str:
    """An element's text, or its markup if the content is given as elements (XHTML in Atom)."""
    from lxml import etree

    if len(element):
        return clean("".join(etree.tostring(child, encoding="unicode", method="html") for child in element)).strip()
    return clean(element.text or "").strip()


def _children(entry: _Element, name: str) -> Iterator[_Element]:
    return (child for child in entry if child.tag == name)


def _value(entry: _Element, name: str) -> str:
    return next((" ".join("".join(map(str, child.itertext())).split()) for child in _children(entry, name)), "")


def _name(entry: _Element) -> str:
    """The last part of the entry's address, used to cite it."""
    link = next((child.get("href") or child.text or "" for child in _children(entry, "link")), "")
    last = link.split("?")[0].rstrip("/").rpartition("/")[2]
    return last if _NAME.fullmatch(last) else ""


def _paper(root: _Element) -> str:
    """The paper named in the feed's own title: 青禾日报 - 每日全文."""
    channel = next((child for child in root if child.tag == "channel"), root)
    names = (paper_name(part) for part in _PARTS.split(_value(channel, "title")))
    return next((name for name in names if name.endswith(("报", "報", "社"))), "")


FORMATS = (Format("feed", (".rss", ".atom"), read_feed, lambda head: root_name(head) in _ROOTS),)
