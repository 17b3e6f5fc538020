"""What the search view shows: the form, a page of hits with their words marked, counts to click on, a time line."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from index.search.facets import EVERY
from index.search.query import FACET_FIELDS, narrowed
from index.search.texts import FACETS
from rag.search.exports import FORMS
from rag.search.hits import Hit, Hits
from rag.search.snippets import Snippet

from ..rendering.render import Renderer
from ..requests.prefix import prefix

_ON_A_PAGE = 20
_LISTED = 12  # values of a facet
_MONTHS_SHOWN = 60  # over more months the time line is one of years
_YEARS_SHOWN = 300  # over more years, those without hits are left out
_PERIODS = ("year", "month")


class Asked(BaseModel):
    """What the form and the links of the view say; ``each``: hits with the same text are not folded."""

    q: str = Field("", max_length=20_000)
    sort: str = "relevance"
    mode: str = "words"
    since: str = ""
    until: str = ""
    each: bool = False
    offset: int = Field(0, ge=0)
    snapshot: str = ""

    @property
    def dates(self) -> str:
        """The dates chosen beside the query, as a query has them; empty for none."""
        return f"{self.since}..{self.until}" if self.since or self.until else ""

    def url(self, path: str, language: str, **changes: Any) -> str:
        """A link that asks this with changes."""
        values = self.model_dump() | changes
        kept = {name: value for name, value in values.items() if value}
        return f"{prefix()}{path}?{urlencode({**kept, 'lang': language})}"


@dataclass(frozen=True)
class Shown:
    """A hit as the view shows it."""

    hit: Hit
    place: list[str]
    url: str
    pieces: list[list[dict[str, Any]]]
    more: int  # hits of the same text that are not listed with it


@dataclass(frozen=True)
class Bar:
    """A month or year of the time line: its hits, its height in percent, its first and last day, where it leads."""

    period: str
    hits: int
    height: float
    since: str
    until: str
    url: str


def view(renderer: Renderer, asked: Asked, hits: Hits | None = None, problem: str = "") -> str:
    """The view's HTML; ``hits``: None before anything was asked."""
    language = renderer.language
    values: dict[str, Any] = {"asked": asked, "problem": problem, "hits": hits}
    if hits is not None:
        counts = hits.facets(_PERIODS, EVERY) | hits.facets([f for f in FACETS if f not in _PERIODS], _LISTED)
        here = asked.model_copy(update={"snapshot": hits.snapshot})
        listed = hits.total if asked.each else hits.texts
        taken = here.model_copy(update={"q": hits.query, "since": "", "until": "", "each": False, "offset": 0})
        values |= {
            "shown": _shown(renderer, hits.page(_ON_A_PAGE, asked.offset, fold=not asked.each)),
            "facets": _facets(asked, counts, language),
            "timeline": _timeline(asked, counts["month"], language),
            "undated_url": asked.url("/search", language, since="", until="", offset=0, snapshot=""),
            "unfolding_url": here.url("/search", language, each=not asked.each, offset=0),
            "earlier": _page_url(here, asked.offset - _ON_A_PAGE, listed, language),
            "later": _page_url(here, asked.offset + _ON_A_PAGE, listed, language),
            "last": min(listed, asked.offset + _ON_A_PAGE),
            "exports": {form.name: taken.url("/api/search", language, form=key) for key, form in FORMS.items()},
        }
    return renderer.render("search.html", **values)


def _shown(renderer: Renderer, hits: list[Hit]) -> list[Shown]:
    shown = []
    for hit in hits:
        spans = [(s.start + start, s.start + end) for s in hit.snippets if s.part == "body" for start, end in s.marks]
        url = renderer.article_url(hit.article.id, *(spans[0] if spans else ()))
        more = hit.same_text - 1 - len(hit.folded)
        shown.append(Shown(hit, renderer.place(hit.article), url, [_pieces(s) for s in hit.snippets], more))
    return shown


def _pieces(snippet: Snippet) -> list[dict[str, Any]]:
    """A snippet in pieces, marked or not."""
    pieces, position = [], 0
    for start, end in snippet.marks:
        pieces += [{"text": snippet.text[position:start], "marked": False}]
        pieces += [{"text": snippet.text[start:end], "marked": True}]
        position = end
    return [*pieces, {"text": snippet.text[position:], "marked": False}]


def _facets(
    asked: Asked, counts: Mapping[str, Mapping[str, int]], language: str
) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """For each facet its first values with counts and the links that narrow to them."""
    return [
        (
            facet,
            [(value, count, _narrow(asked, facet, value, language)) for value, count in list(held.items())[:_LISTED]],
        )
        for facet, held in counts.items()
        if held
    ]


def _narrow(asked: Asked, facet: str, value: str, language: str) -> str:
    if facet in _PERIODS:
        return asked.url("/search", language, **_within(asked, value), offset=0, snapshot="")
    query = narrowed(asked.q, {FACET_FIELDS[facet]: value})
    return asked.url("/search", language, q=query, offset=0, snapshot="")


def _within(asked: Asked, period: str) -> dict[str, str]:
    """The first and the last day of a year or month, within the dates chosen before."""
    year, _, month = period.partition("-")
    last = calendar.monthrange(int(year), int(month or 12))[1]
    since, until = f"{year}-{month or '01'}-01", f"{year}-{month or '12'}-{last:02d}"
    return {"since": max(since, asked.since), "until": min(until, asked.until or until)}


def _timeline(asked: Asked, months: Mapping[str, int], language: str) -> list[Bar]:
    """Months, or years where those are many, oldest first; those without hits between the others are among them."""
    if not months:
        return []
    held: dict[str, int] = dict(months)
    periods = _between(min(months), max(months))
    if len(periods) > _MONTHS_SHOWN:
        held = {}
        for month, count in months.items():
            held[month[:4]] = held.get(month[:4], 0) + count
        periods = list(dict.fromkeys(month[:4] for month in periods))
    if len(periods) > _YEARS_SHOWN:
        periods = sorted(held)
    most = max(held.values())
    bars = ((period, held.get(period, 0), _within(asked, period)) for period in periods)
    return [
        Bar(
            period,
            count,
            round(100 * count / most, 1),
            **days,
            url=asked.url("/search", language, **days, offset=0, snapshot=""),
        )
        for period, count, days in bars
    ]


def _between(first: str, last: str) -> list[str]:
    """The months from the one to the other."""
    start, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def _page_url(asked: Asked, offset: int, total: int, language: str) -> str:
    inside = -_ON_A_PAGE < offset < total
    return asked.url("/search", language, offset=max(0, offset)) if inside else ""
