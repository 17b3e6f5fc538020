"""METS: an issue's files, the order of its pages, and the blocks that make up each article."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..blocks import Block, Form
from ..content.files import UnreadableFileError
from ..content.xml import read_xml, root_name
from ..facts.dates import iso_date, number
from ..facts.known import Facts, facts
from ..layout.zones import Zone, ZonePage, page_blocks, zone_blocks
from .alto import alto_pages
from .base import FileText, Format, Options, PageText

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_FILES = 4000
_HREF = "{http://www.w3.org/1999/xlink}href"
# The types of articles in logical structures, and of their parts.
_ARTICLES = {"ARTICLE", "ITEM", "REVIEW", "LETTER", "EDITORIAL", "OBITUARY", "POEM", "NEWS", "SERIAL", "INTERVIEW"}
_PARTS = {
    **dict.fromkeys(("KICKER", "OVERLINE", "OVERHEADING", "MOTTO", "ROOFTITLE"), "kicker"),
    **dict.fromkeys(("SUBTITLE", "SUBHEADLINE", "SUBHEADING", "DECK"), "subtitle"),
    **dict.fromkeys(("TITLE", "HEADLINE", "HEADING", "HEAD", "MAINTITLE"), "headline"),
    **dict.fromkeys(("CAPTION", "ILLUSTRATION_CAPTION", "LEGEND"), "caption"),
}


@dataclass
class _Article:
    """An article in the logical structure: its label, and its blocks, each with the part it belongs to."""

    label: str
    areas: list[tuple[str, str, str]] = field(default_factory=list)  # part, file, block (empty: the whole file)


def read_mets(path: Path, _options: Options) -> FileText:
    """Read the articles of an issue by its logical structure; without one, the issue's pages in order.

    Raises:
        UnreadableFileError: it is not METS, names no ALTO file, or none of its ALTO files can be read.
    """
    issue = _Issue(path, read_xml(path))
    result = FileText(covered=set(issue.files.values()))
    pages = issue.pages(result)
    if not pages:
        reason = result.problems[0] if result.problems else f"{path}: METS 没有指明 ALTO 文件 (names no ALTO file)"
        raise UnreadableFileError(reason)
    articles = [page for article in issue.articles if (page := _article_page(article, pages, issue))]
    if not articles:
        result.pages = [
            PageText({}, page_blocks(page.zones), page.number, facts=issue.facts) for page in pages.values()
        ]
        return result
    taken = {(file, block) for article in issue.articles for _, file, block in article.areas}
    result.pages = [*articles, *_rest(pages, taken, issue)]
    return result


def members(path: Path) -> list[Path]:
    """The files in its own folder that a METS file names; empty if it cannot be read."""
    try:
        return list(_Issue(path, read_xml(path)).files.values())
    except UnreadableFileError:
        return []


def is_mets(path: Path) -> bool:
    """Whether a file is METS, judged by its first bytes."""
    if path.suffix.lower() != ".xml":
        return False
    try:
        with path.open("rb") as file:
            return root_name(file.read(4096)) == "mets"
    except OSError:
        return False


@dataclass
class _Page:
    zones: ZonePage
    number: int | None


class _Issue:
    """The content of a METS file."""

    def __init__(self, path: Path, root: _Element) -> None:
        self.path = path
        self.root = root

    @cached_property
    def files(self) -> dict[str, Path]:
        """Its files by id; those outside its folder are left out."""
        base = Path(os.path.realpath(self.path.parent))
        found: dict[str, Path] = {}
        for entry in list(self.root.iter("file"))[:_MOST_FILES]:
            for place in entry.iter("FLocat"):
                name = _local(str(place.get(_HREF) or place.get("href") or ""))
                whole = Path(os.path.realpath(base / name)) if name else base
                if base in whole.parents and whole.is_file():
                    found[str(entry.get("ID"))] = whole
        return found

    @cached_property
    def facts(self) -> Facts:
        """The newspaper and the date, from the issue's metadata."""
        titles = [text for info in self.root.iter("titleInfo") for text in (info.findtext("title"),) if text]
        dates = [text for name in ("dateIssued", "date") for text in (e.text for e in self.root.iter(name)) if text]
        date = next((found for text in dates if (found := iso_date(text.strip()))), None)
        return facts("METS", paper=titles[0].strip() if titles else "", date=date)

    @cached_property
    def articles(self) -> list[_Article]:
        """Its articles in order; empty if it has no logical structure."""
        maps = [found for found in self.root.iter("structMap") if (found.get("TYPE") or "").upper() != "PHYSICAL"]
        return [self._article(div) for found in maps for div in found.iter("div") if _is_article(div)]

    def _article(self, div: _Element) -> _Article:
        article = _Article(" ".join((div.get("LABEL") or "").split()))
        stack = [(child, "") for child in reversed(div)]
        while stack:
            element, part = stack.pop()
            if element.tag == "div":
                part = _PARTS.get(_kind(element), part)
            elif element.tag == "area" or (element.tag == "fptr" and element.get("FILEID")):
                block = str(element.get("BEGIN") or "") if (element.get("BETYPE") or "IDREF") == "IDREF" else ""
                article.areas.append((part, str(element.get("FILEID")), block))
            stack.extend((child, part) for child in reversed(element))
        article.areas = list(dict.fromkeys(article.areas))
        return article

    def pages(self, result: FileText) -> dict[str, _Page]:
        """The pages of its ALTO files in order, by file id; unreadable ones are reported in ``result``."""
        order = self._page_numbers()
        named = [name for name in order if name in self.files]
        names = [*named, *(name for name in self.files if name not in order)]
        found: dict[str, _Page] = {}
        images: set[str] = set()
        for name in names:
            file = self.files[name]
            if file.suffix.lower() != ".xml" or file == Path(os.path.realpath(self.path)):
                continue
            try:
                zones = alto_pages(file)
            except UnreadableFileError as error:
                result.problems.append(str(error))
                continue
            page = zones[0]
            if page.sheet.image in images | {""}:  # each page needs its own picture
                page.sheet = replace(page.sheet, image=file.name)
            images.add(page.sheet.image)
            found[name] = _Page(page, order.get(name) or len(found) + 1)
        return found

    def _page_numbers(self) -> dict[str, int]:
        numbers: dict[str, int] = {}
        for struct in self.root.iter("structMap"):
            pages = [div for div in struct.iter("div") if _kind(div) == "PAGE"]
            for position, div in enumerate(pages, 1):
                given = next((n for key in ("ORDERLABEL", "ORDER") if (n := number(div.get(key) or ""))), None)
                for pointer in div.iter("fptr", "area"):
                    if pointer.get("FILEID"):
                        numbers.setdefault(str(pointer.get("FILEID")), given or position)
        return dict(sorted(numbers.items(), key=lambda item: item[1]))


def _article_page(article: _Article, pages: dict[str, _Page], issue: _Issue) -> PageText | None:
    """An article's blocks with their parts; None if none of the blocks in its structure exist."""
    blocks: list[Block] = []
    zones_by_file = {name: {zone.identity: zone for zone in page.zones.zones} for name, page in pages.items()}
    for part, name, identity in article.areas:
        if name not in pages:
            continue
        page, by_name = pages[name], zones_by_file[name]
        zones = list(by_name.values()) if not identity else [by_name[identity]] if identity in by_name else []
        found = zone_blocks(zones, page.zones.sheet, page.zones.usual, len(blocks) + 1)
        for block in found:
            block.page = page.number
            _take_part(block, part)
        blocks.extend(found)
    if not blocks:
        return None
    first = next(block.page for block in blocks)
    return PageText({}, blocks, first, facts=issue.facts, title=article.label, whole=True)


def _take_part(block: Block, part: str) -> None:
    if part == "caption" and block.form is not Form.IMAGE:
        block.form = Form.IMAGE
    elif part and block.form is not Form.IMAGE:
        block.form, block.level = Form.HEADING, 1
        block.take(part, "from the issue's structure")
    elif block.form is Form.HEADING:
        block.take("subhead", "a larger line inside an article of the issue's structure")


def _rest(pages: dict[str, _Page], taken: set[tuple[str, str]], issue: _Issue) -> Iterator[PageText]:
    """Yield the blocks of each page that are in no article; they supply facts about the page and are accounted for."""
    for name, page in pages.items():
        zones: list[Zone] = [] if (name, "") in taken else page.zones.zones
        left = [zone for zone in zones if (name, zone.identity) not in taken and zone.lines]
        blocks = zone_blocks(left, page.zones.sheet, page.zones.usual)
        for block in blocks:
            block.take("unassigned", "in no article of the issue's structure")
        if blocks:
            yield PageText({}, blocks, page.number, facts=issue.facts, whole=True)


def _is_article(div: _Element) -> bool:
    return _kind(div) in _ARTICLES and not any(_kind(inner) in _ARTICLES for inner in div.iterdescendants("div"))


def _kind(div: _Element) -> str:
    return (div.get("TYPE") or "").upper().replace("-", "_").replace(" ", "_") if div.tag == "div" else ""


def _local(address: str) -> str:
    """The relative path in an address; empty if the address leads elsewhere."""
    address = address.replace("\\", "/")
    parts = urlsplit(address) if "://" in address or address.startswith("file:") else None
    if parts is not None and parts.scheme != "file":
        return ""
    name = unquote((parts.netloc + parts.path) if parts else address)
    return "" if os.path.isabs(name) else name


FORMATS = (Format("mets", (".xml",), read_mets, lambda head: root_name(head) == "mets"),)
