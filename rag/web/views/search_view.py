"""The search view: the form, a page of hits with marked words, facets with links, and a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from index.search.facets import EVERY
from index.search.query import FACET_FIELDS, narrowed
from index.search.texts import FACETS
from index.text.folding import fold
from rag.search.exports import FORMS
from rag.search.hits import Hit, Hits

from ..rendering.pieces import Piece, snippet_pieces
from ..rendering.render import Renderer
from ..rendering.timeline import days_of, timeline
from ..requests.prefix import prefix

_ON_A_PAGE = 20
_LISTED = 12  # values of a facet beside the hits
_COUNTED_ON_A_PAGE = 100  # values of a facet on a page of its own
PERIODS = ("year", "month")  # facets whose values are all told


class SearchAsked(BaseModel):
    """The parameters of the view; ``each``: hits with the same text are not folded."""

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
        """The dates chosen in addition to the query, in query syntax; empty if there are none."""
        return f"{self.since}..{self.until}" if self.since or self.until else ""

    def url(self, path: str, language: str, **changes: object) -> str:
        """Return a URL with these parameters and some changes."""
        values = self.model_dump() | changes
        kept = {name: value for name, value in values.items() if value}
        return f"{prefix()}{path}?{urlencode({**kept, 'lang': language})}"


@dataclass(frozen=True)
class Facet:
    """A facet with some of its values, each with its number of hits and a link that narrows the search to it.

    ``more``: the link to the page of all its values; empty if these are all.
    """

    name: str
    values: list[tuple[str, int, str]]
    more: str


@dataclass(frozen=True)
class Shown:
    """A hit as the view shows it."""

    hit: Hit
    place: list[str]
    url: str
    pieces: list[list[Piece]]
    more: int  # further hits with the same text that are not listed


def view(renderer: Renderer, asked: SearchAsked, hits: Hits | None = None, problem: str = "") -> str:
    """Return the view's HTML; ``hits``: None before a search."""
    language = renderer.language
    values: dict[str, object] = {"asked": asked, "problem": problem, "hits": hits}
    if hits is not None:
        counts = hits.facets(PERIODS, EVERY) | hits.facets([f for f in FACETS if f not in PERIODS], _LISTED + 1)
        here = asked.model_copy(update={"snapshot": hits.snapshot})
        listed = hits.total if asked.each else hits.texts
        taken = here.model_copy(update={"q": hits.query, "since": "", "until": "", "each": False, "offset": 0})
        values |= {
            "shown": _shown(renderer, hits.page(_ON_A_PAGE, asked.offset, fold=not asked.each)),
            "facets": _facets(asked, here, counts, language),
            "timeline": timeline(counts["month"], partial(_dated, asked, language=language), asked.since, asked.until),
            "undated_url": _dated(asked, "", "", language),
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
        shown.append(Shown(hit, renderer.place(hit.article), url, [*map(snippet_pieces, hit.snippets)], more))
    return shown


def counts_view(
    renderer: Renderer,
    asked: SearchAsked,
    facet: str,
    part: str,
    first: int,
    hits: Hits | None = None,
    problem: str = "",
) -> str:
    """Return the HTML of a page of all values of a facet among the hits, by frequency.

    Args:
        renderer: the renderer of the language.
        asked: the search.
        facet: the name of the facet.
        part: characters that the values must contain; empty: any.
        first: the number of values on earlier pages.
        hits: the hits; None if there is a problem.
        problem: what is wrong, for the user.
    """
    language = renderer.language
    values: dict[str, object] = {"asked": asked, "facet": Facet(facet, [], ""), "part": part, "problem": problem}
    values["back"] = asked.url("/search", language)
    if hits is not None:
        held = {
            value: count for value, count in hits.facets([facet], EVERY)[facet].items() if fold(part) in fold(value)
        }
        here = asked.model_copy(update={"snapshot": hits.snapshot})

        def turned(start: int) -> str:
            inside = -_COUNTED_ON_A_PAGE < start < len(held)
            return _counts_url(here, facet, language, part=part, first=max(0, start)) if inside else ""

        last = first + _COUNTED_ON_A_PAGE
        values |= {
            "facet": _facet(asked, facet, list(held.items())[first:last], "", language),
            "count": len(held),
            "first": first + 1,
            "last": min(len(held), last),
            "earlier": turned(first - _COUNTED_ON_A_PAGE),
            "later": turned(last),
        }
    return renderer.render("counts.html", **values)


def _facets(
    asked: SearchAsked, here: SearchAsked, counts: Mapping[str, Mapping[str, int]], language: str
) -> list[Facet]:
    """The first values of each facet that has any."""
    return [
        _facet(
            asked,
            name,
            list(held.items())[:_LISTED],
            _counts_url(here, name, language) if len(held) > _LISTED else "",
            language,
        )
        for name, held in counts.items()
        if held
    ]


def _facet(asked: SearchAsked, name: str, counts: Iterable[tuple[str, int]], more: str, language: str) -> Facet:
    return Facet(name, [(value, count, _narrow(asked, name, value, language)) for value, count in counts], more)


def _counts_url(asked: SearchAsked, facet: str, language: str, **changes: object) -> str:
    return asked.url("/search/counts", language, facet=facet, **changes)


def _narrow(asked: SearchAsked, facet: str, value: str, language: str) -> str:
    if facet in PERIODS:
        since, until = days_of(value)
        return _dated(asked, max(since, asked.since), min(until, asked.until or until), language)
    query = narrowed(asked.q, {FACET_FIELDS[facet]: value})
    return asked.url("/search", language, q=query, offset=0, snapshot="")


def _dated(asked: SearchAsked, since: str, until: str, language: str) -> str:
    return asked.url("/search", language, since=since, until=until, offset=0, snapshot="")


def _page_url(asked: SearchAsked, offset: int, total: int, language: str) -> str:
    inside = -_ON_A_PAGE < offset < total
    return asked.url("/search", language, offset=max(0, offset)) if inside else ""
