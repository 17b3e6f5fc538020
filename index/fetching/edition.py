"""An edition of an e-paper, derived from an address: its day, its pages and links, and the file names for them."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree, html

from index.text.words import harmless

from ..errors import BaowenError

# 2025-04/18, 202504/18, 2025/04/18, 20250418, 2025_04_18
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<first>[-/_]?)(?P<month>\d{2})(?P<second>[-/_]?)(?P<day>\d{2})(?!\d)"
)
# What e-paper systems call the folders (or name prefixes) that separate one paper's pages, articles and pictures.
_PAGE_PARTS = "html htm layout content contents node nodes page pages article articles news map epaper"
_PICTURE_PARTS = (
    "image images img imgs pic pics picture pictures photo photos res resource resources attachment attachement"
)
_PARTS = frozenset((_PAGE_PARTS + " " + _PICTURE_PARTS).split())
_PAGE_SUFFIXES = ("", ".htm", ".html", ".shtml", ".xhtml")
_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp")
# A page of the newspaper, as opposed to an article: node_2.htm, nbs.D110000gmrb_01.htm, page.html, Page01DK.htm.
_LAYOUT_NAME = re.compile(r"^(?:node|nbs|page|layout|index|default)(?![a-z]{3})", re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ufffd]|^[.~]|[. ]$')
_LONGEST_NAME = 80
_LONGEST_SUFFIX = 6


@dataclass(frozen=True)
class Links:
    """The links of an edition's page: other pages and articles, and the page images it shows."""

    pages: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edition:
    """The edition of one day. ``url`` is the address of one of its pages."""

    url: str
    day: datetime.date

    @classmethod
    def at(cls, url: str) -> Edition:
        """The edition that has a page at ``url``.

        Raises:
            BaowenError: ``url`` is not a web address, or its path has no date.
        """
        try:
            parts = urlsplit(url.strip())
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
            _ = parts.port
        except ValueError:
            is_address = False
        if not is_address:
            raise BaowenError(f"不是网页地址 (not a web address): {harmless(url)}; 要以 http:// 或 https:// 开头")
        found = _dated(parts.path)
        if found is None:
            raise BaowenError(
                f"地址里没有日期 (no date in the path of the address): {harmless(url)}; "
                "请给某一天某一版的地址，如 https://…/html/2025-04/18/node_1.htm"
            )
        return cls(_cleaned(url.strip()), found[1])

    def on(self, day: datetime.date) -> Edition:
        """The edition of another day: every date of this day in the address is replaced, in its own notation."""

        def replaced(match: re.Match[str]) -> str:
            if _day(match) != self.day:
                return match[0]
            return f"{day.year:04}{match['first']}{day.month:02}{match['second']}{day.day:02}"

        parts = urlsplit(self.url)
        return Edition(parts._replace(path=_DATE.sub(replaced, parts.path)).geturl(), day)

    def holds(self, url: str) -> bool:
        """Whether ``url`` is on the edition's own site, under its path and of its day."""
        if site_of(url) != site_of(self.url):
            return False
        found, own = _dated(urlsplit(url).path), _dated(urlsplit(self.url).path)
        return found is not None and own is not None and found == (own[0], self.day)

    def links(self, url: str, data: bytes) -> Links:
        """The links within this edition on the page ``data`` from ``url``, without duplicates."""
        pages: dict[str, None] = {}
        mapped: dict[str, None] = {}
        dated: dict[str, None] = {}
        for element, target in _targets(url, data):
            path = urlsplit(target).path
            suffix = PurePosixPath(path).suffix.lower()
            if element.tag == "img":
                if suffix not in _IMAGE_SUFFIXES:
                    continue
                if element.get("usemap") and self.covers(target):
                    mapped[target] = None
                elif self.holds(target):
                    dated[target] = None
            elif suffix in _PAGE_SUFFIXES and self.holds(target):
                pages[target] = None
        pages.pop(_cleaned(url), None)
        is_layout = _LAYOUT_NAME.match(urlsplit(url).path.rpartition("/")[2]) is not None
        return Links(tuple(pages), tuple(mapped or (dated if is_layout else ())))

    def covers(self, url: str) -> bool:
        """Whether ``url`` is on the edition's own site and under its paper's path, on any day."""
        own = _dated(urlsplit(self.url).path)
        return own is not None and site_of(url) == site_of(self.url) and urlsplit(url).path.startswith(own[0][0])


def site_of(url: str) -> tuple[str, int | None]:
    """Host and port of an address; the port is None for 80 and 443, so that http and https count as one site."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return (parts.hostname or "").lower(), None if parts.port in (None, usual) else parts.port


def file_of(url: str) -> PurePosixPath:
    """Where an address is stored under the folder of fetched files: its host and path as safe file names."""
    parts = urlsplit(url)
    host = (parts.hostname or "").replace(":", "_") + (f"_{parts.port}" if parts.port else "")
    segments = [segment for segment in parts.path.split("/") if segment]
    if parts.path.endswith("/") or not segments:
        segments.append("index.htm")
    elif PurePosixPath(segments[-1]).suffix.lower() not in (*_PAGE_SUFFIXES[1:], *_IMAGE_SUFFIXES):
        segments[-1] += ".htm"
    return PurePosixPath(host, *map(_name, segments))


def _name(segment: str) -> str:
    """A path segment as a safe file name; a changed one ends in a digest, so that names stay unique."""
    raw = unquote(segment)
    name = _UNSAFE.sub("_", raw)
    if name == raw and len(name) <= _LONGEST_NAME:
        return name
    path = PurePosixPath(name)
    suffix = path.suffix if len(path.suffix) <= _LONGEST_SUFFIX else ""
    stem = name.removesuffix(suffix)[: _LONGEST_NAME // 2]
    return f"{stem}-{hashlib.sha256(segment.encode()).hexdigest()[:8]}{suffix}"


def _targets(url: str, data: bytes) -> Iterator[tuple[html.HtmlElement, str]]:
    """Yield the elements of a page that link to pages or show pictures, each with its address."""
    try:
        document = html.document_fromstring(data)
    except (etree.LxmlError, ValueError):
        return
    stated = document.find(".//base[@href]")
    base = urljoin(url, stated.get("href")) if stated is not None else url
    for element, attribute, link, _ in document.iterlinks():
        if (element.tag, attribute) not in _LINKING:
            continue
        try:
            target = _cleaned(urljoin(base, "".join(link.split()).replace("\\", "/")))
            if target.startswith(("http://", "https://")) and site_of(target)[0]:
                yield element, target
        except ValueError:
            continue  # not a web address


_LINKING = frozenset(
    [("a", "href"), ("area", "href"), ("frame", "src"), ("iframe", "src"), ("img", "src"), ("meta", "content")]
)


def _cleaned(url: str) -> str:
    """An address without query and fragment, which on static pages only affect the display."""
    parts = urlsplit(url)
    return parts._replace(path=quote(parts.path, safe="/%:@!$&'()*+,;=~-._") or "/", query="", fragment="").geturl()


def _dated(path: str) -> tuple[tuple[str, str], datetime.date] | None:
    """The part of a path before its first date (the paper's folder and the beginning of a name), and that date."""
    for match in _DATE.finditer(path):
        if day := _day(match):
            *folders, prefix = path[: match.start()].split("/")
            while folders and (folders[-1].lower() in _PARTS or re.fullmatch(r"\d{1,2}", folders[-1])):
                folders.pop()
            return ("/".join([*folders, ""]), "" if prefix.strip("-_.").lower() in _PARTS else prefix), day
    return None


def _day(match: re.Match[str]) -> datetime.date | None:
    try:
        return datetime.date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
