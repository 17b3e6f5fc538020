"""Paper, date and page of an issue's pages, and where each was found; what nothing says stays unknown."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from . import furniture
from .blocks import Block

_DATE = (
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<separator>[-_./年])(?P<month>\d{1,2})"
    r"(?:(?P=separator)|月)(?P<day>\d{1,2})日?(?!\d)"
)
_COMPACT = r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?!\d)"
_DATES = (re.compile(_COMPACT), re.compile(_DATE))
_PAGE = re.compile(r"第?\s*(?P<page>\d{1,3}|[一二三四五六七八九十]{1,3})\s*版")
_PAGE_NAME = re.compile(r"^[a-zA-Z]{0,4}[-_ ]?(?P<page>\d{1,3})$")
_PAPER = re.compile(r"[\u4e00-\u9fff]{1,12}(?:报|时报|晚报|日报|午报|周报|导报|快报)")


@dataclass(frozen=True)
class Facts:
    """What is known of a page. ``origins``: fact → front matter, file name, folder name or masthead."""

    paper: str = ""
    date: str | None = None
    page: int | None = None
    section: str = ""
    origins: tuple[tuple[str, str], ...] = ()

    def over(self, other: Facts) -> Facts:
        """These facts, completed from ``other`` where they are unknown."""
        known = dict(other.origins) | dict(self.origins)
        return Facts(
            self.paper or other.paper,
            self.date or other.date,
            self.page if self.page is not None else other.page,
            self.section or other.section,
            tuple(sorted(known.items())),
        )


def from_front_matter(values: dict[str, object]) -> Facts:
    """Facts from a page's YAML front matter."""
    page = values.get("page")
    number = int(str(page)) if str(page).isdigit() else None
    date = iso_date(str(values.get("date", "")))
    paper = str(values.get("paper", "") or "")
    section = str(values.get("section", "") or "")
    return _facts("front matter", paper=paper, date=date, page=number, section=section)


def from_position(number: int | None) -> Facts:
    """The page's number by its place in a file of several pages."""
    return _facts("place in the file", paper="", date=None, page=number)


def from_path(path: PurePath) -> Facts:
    """Facts from a file's name, then from its folder's."""
    return _from_name(path.stem, "file name").over(_from_name(path.parent.name, "folder name", is_folder=True))


def from_masthead(blocks: Sequence[Block]) -> Facts:
    """Facts from the page's own masthead line; ``blocks`` already have their roles."""
    for block in blocks:
        if block.role == "masthead" and (match := furniture.is_masthead(block.text)):
            date = _checked(match["year"], match["month"], match["day"])
            page = furniture.page_number(match["page"]) if match["page"] else None
            section = block.text[match.end() :].strip()
            paper = _PAPER.search(block.text[: match.start()])
            return _facts("masthead", paper=paper[0] if paper else "", date=date, page=page, section=section[:20])
    return Facts()


def _from_name(name: str, origin: str, *, is_folder: bool = False) -> Facts:
    date, rest = None, name
    for pattern in _DATES:
        if match := pattern.search(name):
            date = _checked(match["year"], match["month"], match["day"])
            rest = name[: match.start()] + " " + name[match.end() :]
            break
    page = None
    if match := _PAGE.search(rest) or (None if is_folder else _PAGE_NAME.match(rest.strip(" _-"))):
        page = furniture.page_number(match["page"])
    paper = _PAPER.search(rest)
    return _facts(origin, paper=paper[0] if paper else "", date=date, page=page)


def _facts(origin: str, *, paper: str, date: str | None, page: int | None, section: str = "") -> Facts:
    named = {"paper": paper, "date": date, "page": page, "section": section}
    origins = tuple((name, origin) for name, value in named.items() if value not in ("", None))
    return Facts(paper, date, page, section, origins)


def iso_date(text: str) -> str | None:
    """The first date written in ``text``, as ISO, or None."""
    for pattern in _DATES:
        if match := pattern.search(text):
            return _checked(match["year"], match["month"], match["day"])
    return None


def _checked(year: str, month: str, day: str) -> str | None:
    """An ISO date, or None where there is no such day."""
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
