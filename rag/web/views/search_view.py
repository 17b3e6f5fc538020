"""What the search view shows: the form, a page of hits with their words marked, counts to click on, a time line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from index.search.facets import EVERY
from index.search.query import FACET_FIELDS, narrowed
from rag.search.exports import FORMS
from rag.search.hits import Hit, Hits
from rag.search.snippets import Snippet

from ..rendering.render import Renderer
from ..requests.prefix import prefix

_ON_A_PAGE = 20
_LISTED = 12  # values of a facet
_MONTHS_SHOWN = 60  # from more months on the time line is one of years


class Asked(BaseModel):
    """What the form and the links of the view say."""

    q: str = Field("", max_length=20_000)
    sort: str = "relevance"
    mode: str = "words"
    since: str = ""
    until: str = ""
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
    folded: bool


def view(renderer: Renderer, asked: Asked, hits: Hits | None = None, problem: str = "") -> str:
    """The view's HTML; ``hits``: None before anything was asked."""
    language = renderer.language
    values: dict[str, Any] = {"asked": asked, "problem": problem, "hits": hits}
    if hits is not None:
        counts = hits.facets(most=_LISTED) | hits.facets(["year", "month"], EVERY)
        here = asked.model_copy(update={"snapshot": hits.snapshot})
        values |= {
            "shown": _shown(renderer, hits.page(_ON_A_PAGE, asked.offset)),
            "facets": _facets(asked, counts, language),
            "timeline": _timeline(asked, counts, language),
            "earlier": _page_url(here, asked.offset - _ON_A_PAGE, hits.total, language),
            "later": _page_url(here, asked.offset + _ON_A_PAGE, hits.total, language),
            "last": min(hits.total, asked.offset + _ON_A_PAGE),
            "exports": {
                form.name: here.url("/api/search", language, form=key, offset=0) for key, form in FORMS.items()
            },
        }
    return renderer.render("search.html", **values)


def _shown(renderer: Renderer, hits: list[Hit]) -> list[Shown]:
    """Hits, those with a text that stands above on the same page folded."""
    seen: set[str] = set()
    shown = []
    for hit in hits:
        folded = hit.same_text > 1 and hit.article.body in seen
        seen.add(hit.article.body)
        spans = [(s.start + start, s.start + end) for s in hit.snippets if s.part == "body" for start, end in s.marks]
        url = renderer.article_url(hit.article.id, *(spans[0] if spans else ()))
        shown.append(Shown(hit, renderer.place(hit.article), url, [_pieces(s) for s in hit.snippets], folded))
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
    query = narrowed(asked.q, {FACET_FIELDS[facet]: value})
    return asked.url("/search", language, q=query, offset=0, snapshot="")


def _timeline(
    asked: Asked, counts: Mapping[str, Mapping[str, int]], language: str
) -> list[tuple[str, int, float, str]]:
    """Month or year, hits, height in percent, link; oldest first."""
    unit: Literal["month", "year"] = "year" if len(counts["month"]) > _MONTHS_SHOWN else "month"
    held = counts[unit]
    most = max(held.values(), default=1)
    return [(t, n, round(100 * n / most, 1), _narrow(asked, unit, t, language)) for t, n in sorted(held.items())]


def _page_url(asked: Asked, offset: int, total: int, language: str) -> str:
    inside = -_ON_A_PAGE < offset < total
    return asked.url("/search", language, offset=max(0, offset)) if inside else ""
