"""HTML of the views of issues, the overview, and adding an issue."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass

from index.article import Article
from index.reading import SUFFIXES
from index.storage.catalogue import Catalogue, FacetCount

from ..rendering.render import Renderer
from ..sites.feed import LIMIT_MB, Recognised
from .overview import Overview
from .printed import Printed, issue_sheets, page_name

_MOST_GAPS = 120


@dataclass(frozen=True)
class IssuePage:
    """A page of an issue: articles that begin on it, its pictures, and articles continued from other pages."""

    paper: str
    page: int | None
    articles: tuple[Article, ...]
    sheets: tuple[Printed, ...]
    continued: tuple[Article, ...]


def calendar_view(render: Renderer, catalogue: Catalogue, year: str) -> str:
    """Return the issues of a year (empty: the latest) as a calendar, with links to the other years."""
    held = {issue.value: issue.articles for issue in catalogue.issues()}
    years = sorted({date[:4] for date in held}, reverse=True)
    chosen = year if year in years else (years[0] if years else "")
    months = [
        (month, calendar.Calendar().monthdayscalendar(int(chosen), month))
        for month in sorted({int(date[5:7]) for date in held if date[:4] == chosen})
    ]
    undated = catalogue.undated()
    return render.render("calendar.html", held=held, years=years, year=chosen, months=months, undated=undated)


def issue_view(render: Renderer, catalogue: Catalogue, date: str) -> str | None:
    """Return the articles of an issue by page, next to the pages' pictures; None if there is no such issue."""
    pages = issue_pages(catalogue, date)
    if not pages:
        return None
    dates = [issue.value for issue in catalogue.issues()]
    place = dates.index(date) if date in dates else None
    later = dates[place - 1] if place else None
    earlier = dates[place + 1] if place is not None and place + 1 < len(dates) else None

    def name(paper: str, page: int | None) -> str:
        return page_name(render, paper, date, page)

    sheets = sorted((sheet for page in pages for sheet in page.sheets), key=lambda sheet: sheet.number)
    where = {"date": date, "earlier": earlier, "later": later}
    return render.render("issue.html", pages=pages, sheets=sheets, name=name, **where)


def issue_pages(catalogue: Catalogue, date: str) -> list[IssuePage]:
    """Return the pages of an issue; empty if there is no such issue."""
    held = {article.id: article for article in catalogue.issue(date)}
    begun: dict[tuple[str, int | None], list[Article]] = {}
    for article in held.values():
        begun.setdefault((article.paper, article.page), []).append(article)
    pictured: dict[tuple[str, int | None], list[Printed]] = {}
    for sheet in issue_sheets(catalogue, date):
        pictured.setdefault((sheet.leaf.paper, sheet.leaf.page), []).append(sheet)
    pages = []
    for (paper, page), articles in begun.items():
        sheets = pictured.get((paper, page), [])
        on_them = dict.fromkeys(identity for sheet in sheets for identity in sheet.leaf.articles)
        continued = tuple(held[identity] for identity in on_them if held[identity] not in articles)
        pages.append(IssuePage(paper, page, tuple(articles), tuple(sheets), continued))
    return pages


def overview_view(render: Renderer, found: Overview) -> str:
    """Return the distribution of the archive's articles over time and sections."""

    def time(value: str, **query: str) -> str:
        year, month = int(value[:4]), int(value[5:] or 0)
        last = f"{value}-{calendar.monthrange(year, month)[1]}" if month else f"{value}-12-31"
        return render.ask_url(since=f"{value}-01" if month else f"{value}-01-01", until=last, **query)

    links = {
        "time": time,
        "term": lambda value: time(value, q=found.term),
        "section": lambda value: render.ask_url(section=value),
        "person": lambda value: render.ask_url(q=f"{value}说了什么？"),
    }
    return render.render("overview.html", found=found, gaps=found.gaps[:_MOST_GAPS], bars=_bars, links=links)


def feed_view(render: Renderer) -> str:
    """Return the form for uploading an issue's files."""
    return render.render("feed.html", suffixes=SUFFIXES, limit=LIMIT_MB)


def recognised_view(render: Renderer, found: Recognised, batch: str) -> str:
    """Return the recognised articles, to be corrected and published."""
    return render.render("recognised.html", found=found, batch=batch)


def _bars(held: Sequence[FacetCount]) -> list[tuple[FacetCount, float]]:
    """The counts with their bar lengths in percent of the longest."""
    most = max((entry.articles for entry in held), default=1)
    return [(entry, round(100 * entry.articles / most, 1)) for entry in held]
