"""Paper, date and page of an issue's pages, and where each was found; facts without a source stay unknown."""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import PurePath

from ..blocks import Block
from .dates import find_date, folder_date, iso_date, number
from .fields import as_line, mapped, our_name
from .imprint import is_paper, paper_name, read_imprint

__all__ = ["Facts", "from_front_matter", "from_masthead", "from_path", "from_position", "iso_date"]

_PAGE = re.compile(r"第?\s*[A-Z]?0*(?P<page>\d{1,3}|[一二三四五六七八九十]{1,3})\s*版")
# 02, p3, page-4, A05, 版03: file names of single pages. w1, n2 and utf16 are something else.
_PAGE_NAME = re.compile(r"^(?:(?i:p|pg|page|no)|[A-D]|版|第)?[-_ ]?0*(?P<page>\d{1,3})$")
# nbs.D110000ljrb_02.htm, nw.D110000ljrb_20310304_3-02.htm: a page of an e-paper, and the third article on it.
_EPAPER_NAME = re.compile(r"^(?:nbs|nw)\.D\d+[a-z]*_(?:\d{8}_\d+-)?0*(?P<page>\d{1,3})$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"[-_ ][A-Z]?0?(?P<page>[1-9]\d?)$")
_NAMED_PAPER = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{1,12}[报報](?![\u4e00-\u9fff])")
_FOLDERS_ABOVE = 4
# The labels inside a field with several facts: 申報 日期：1949-05-23 版次/卷期：02 版 路透社電
_INNER_LABEL = re.compile(r"(?:^|[\s　|｜；;])(?P<label>[\u4e00-\u9fff]{2,4})(?:/[\u4e00-\u9fff]{2,4})?[:：]\s*")
_LONGEST_NOTE = 200
_LEAST_MILLISECONDS = 10**11
_EARLIEST = 1800
_CHINA = datetime.timezone(datetime.timedelta(hours=8))


@dataclass(frozen=True)
class Facts:
    """The known facts about a page. ``origins`` maps each to front matter, file name, folder name or masthead."""

    paper: str = ""
    date: str | None = None
    page: int | None = None
    section: str = ""
    origins: tuple[tuple[str, str], ...] = ()

    def over(self, other: Facts) -> Facts:
        """These facts, with unknown ones filled in from ``other``."""
        known = dict(other.origins) | dict(self.origins)
        return Facts(
            self.paper or other.paper,
            self.date or other.date,
            self.page if self.page is not None else other.page,
            self.section or other.section,
            tuple(sorted(known.items())),
        )


def from_front_matter(values: Mapping[str, object], origin: str = "front matter") -> Facts:
    """Facts from a page's YAML front matter or labelled lines, under any of their common names."""
    found = mapped(values).values
    section = as_line(found.get("section"))
    page = page_value(found.get("page"))
    if page is None and (match := _PAGE.fullmatch(section.strip())):
        page, section = number(match["page"]), as_line(values.get("section_name") or values.get("sectionName"))
    if not section and (named := re.search(r"版\s*[:：]\s*(\S{2,12})$", as_line(found.get("page")))):
        section = named[1]
    printed = read_imprint(as_line(found.get("paper")))
    own = as_line(values.get("paper")).strip("《》 ")  # our own field for it is taken as written
    return facts(
        origin,
        paper=printed.paper if printed else own or paper_value(found.get("paper")),
        date=date_value(found.get("date")) or _date_in_parts(found) or (printed.date if printed else None),
        page=page if page is not None or printed is None else printed.page,
        section=section,
    )


def from_note(text: str) -> Facts:
    """Facts from a field with an unknown name that labels a date and more: 日期：1949-05-23 版次/卷期：02 版."""
    labels = list(_INNER_LABEL.finditer(text)) if len(text) <= _LONGEST_NOTE else []
    starts = [label.start() for label in labels[1:]]
    values = {
        our_name(label["label"]): text[label.end() : end]
        for label, end in zip(labels, [*starts, len(text)], strict=False)
    }
    if not values.get("date") or not (values.get("page") or values.get("paper")):
        return Facts()
    before = text[: labels[0].start()].split()
    return facts(
        "record",
        paper=paper_value(values.get("paper")) or (paper_name(before[-1]) if before else ""),
        date=date_value(values["date"]),
        page=page_value(values.get("page")),
    )


def date_value(value: object) -> str | None:
    """The date of a field, in any common notation, in a feed's, or in seconds since the epoch (China time)."""
    text = as_line(value)
    if found := iso_date(text):
        return found
    if re.fullmatch(r"-?\d{8,10}(?:\d{3})?", text):
        return _from_epoch(int(text))
    with contextlib.suppress(ValueError, TypeError, IndexError):
        time = parsedate_to_datetime(text)
        return (time.astimezone(_CHINA) if time.tzinfo else time).date().isoformat()
    return None


def _from_epoch(value: int) -> str | None:
    """The day of a time in seconds or milliseconds since the epoch; those of before 1970 are negative."""
    seconds = value / 1000 if abs(value) >= _LEAST_MILLISECONDS else value
    day = (datetime.datetime(1970, 1, 1, tzinfo=_CHINA) + datetime.timedelta(hours=8, seconds=seconds)).date()
    return day.isoformat() if day.year > _EARLIEST else None


def _date_in_parts(values: Mapping[str, object]) -> str | None:
    """A date given as separate fields for year, month and day."""
    parts = [as_line(values.get(name)) for name in ("year", "month", "day")]
    return iso_date("-".join(parts)) if all(parts) else None


def page_value(value: object) -> int | None:
    """Parse ``3``, ``"003"``, ``"A02"``, ``二版`` or ``第02版：要闻`` as a page number."""
    text = as_line(value).strip()
    match = re.match(
        r"^(?:第|版)?\s*[A-Za-z]{0,2}\s*0*(\d{1,3})(?!\d)|^第?\s*([一二三四五六七八九十]{1,3})\s*版?$", text
    )
    return number(match[1] or match[2]) if match else None


def paper_value(value: object) -> str:
    """The paper that a field names; empty for a tool's name or an address."""
    text = as_line(value).strip("《》 ")
    return text if re.search(r"[\u4e00-\u9fff]", text) and len(text) <= 20 and is_paper(text) else ""


def from_position(number: int | None) -> Facts:
    """The page number from the position in a file of several pages."""
    return facts("place in the file", page=number)


def from_path(path: PurePath) -> Facts:
    """Facts from a file's name, then from the names of its folders."""
    folder = _from_name(path.parent.name, "folder name", is_folder=True)
    known = _from_name(path.stem, "file name").over(folder)
    above = "/".join(path.parent.parts[-_FOLDERS_ABOVE:])
    return known.over(facts("folder name", date=folder_date(above)))


def from_masthead(blocks: Sequence[Block]) -> Facts:
    """Facts from the page's own masthead lines before the first article; ``blocks`` already have roles."""
    known = Facts()
    for block in blocks:
        if block.role == "masthead":
            known = known.over(from_line(block, "masthead"))
        elif block.role in ("headline", "paragraph", "") and known.date:
            break
    return known


def from_line(block: Block, origin: str) -> Facts:
    """Facts from one line of page furniture."""
    found = block.imprint or read_imprint(block.text)
    if found is None:
        return facts(origin, paper=paper_name(block.text))
    return facts(origin, paper=found.paper, date=found.date, page=found.page, section=found.section)


def _from_name(name: str, origin: str, *, is_folder: bool = False) -> Facts:
    date, rest = None, name
    if found := find_date(name):
        date, rest = found.iso, name[: found.start] + " " + name[found.end :]
    page = None
    match = _EPAPER_NAME.match(name) or _PAGE.search(rest)
    if match is None and not is_folder:
        match = _PAGE_NAME.match(rest.strip(" _-")) or (_LAST_NUMBER.search(rest) if date else None)
    if match:
        page = number(match["page"]) or None  # no paper has a page 0
    paper = next((word for word in _NAMED_PAPER.findall(rest) if is_paper(word)), "")
    return facts(origin, paper=paper, date=date, page=page)


def facts(
    origin: str, *, paper: str = "", date: str | None = None, page: int | None = None, section: str = ""
) -> Facts:
    """Facts that all have the same origin."""
    named = {"paper": paper, "date": date, "page": page, "section": section}
    origins = tuple((name, origin) for name, value in named.items() if value not in ("", None))
    return Facts(paper, date, page, section, origins)
