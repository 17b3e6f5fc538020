"""Figures about an archive for the overview page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.storage.catalogue import Catalogue, FacetCount
from index.storage.store import Store
from index.text.words import names

_MOST_SECTIONS = 15
_MOST_PEOPLE = 15
_LATEST = 2000  # articles searched for quoted people, which takes a second or two
_MONTHS_SHOWN = 60  # with more months, years are shown
_SAYS = re.compile(
    r"([\u4e00-\u9fff·]{2,8}?)(?:介绍说|告诉记者|表示|介绍|坦言|认为|指出|强调|回忆说|解释说|说)[，：,:“]"
)


@dataclass(frozen=True)
class Overview:
    """Figures about an archive.

    ``spread``: articles per month, or per year if there are many months; ``gaps``: months without articles.
    """

    spread: tuple[FacetCount, ...]
    by_year: bool
    sections: tuple[FacetCount, ...]
    quoted: tuple[FacetCount, ...]
    looked_through: int
    gaps: tuple[str, ...]
    term: str
    term_spread: tuple[FacetCount, ...]


def overview(store: Store, term: str = "") -> Overview:
    """Compute the figures of an archive; ``term``: a word whose articles over time are included."""
    months = store.catalogue.months()
    by_year = len(months) > _MONTHS_SHOWN
    spread = _by_year if by_year else list[FacetCount]
    return Overview(
        tuple(spread(months)),
        by_year,
        tuple(store.catalogue.values("section")[:_MOST_SECTIONS]),
        tuple(_quoted(store.catalogue)),
        min(_LATEST, store.stamp.articles),
        tuple(_gaps([month.value for month in months])),
        term,
        tuple(spread(store.catalogue.months(term))) if term else (),
    )


def _by_year(months: Sequence[FacetCount]) -> list[FacetCount]:
    years: Counter[str] = Counter()
    for month in months:
        years[month.value[:4]] += month.articles
    return [FacetCount(year, count) for year, count in years.items()]


def _gaps(months: Sequence[str]) -> list[str]:
    if not months:
        return []
    first, last = (int(m[:4]) * 12 + int(m[5:]) - 1 for m in (months[0], months[-1]))
    held = set(months)
    every = (f"{number // 12}-{number % 12 + 1:02d}" for number in range(first, last + 1))
    return [month for month in every if month not in held]


@lru_cache(maxsize=4)
def _quoted(catalogue: Catalogue) -> list[FacetCount]:
    said: Counter[str] = Counter()
    for body in catalogue.bodies(_LATEST):
        said.update(match[1] for match in _SAYS.finditer(body))
    people: Counter[str] = Counter()
    for before, count in said.items():
        if name := _name_at_end(before):
            people[name] += count
    return [FacetCount(name, count) for name, count in people.most_common(_MOST_PEOPLE)]


def _name_at_end(before: str) -> str:
    named = [name for name in names(before) if before.endswith(name)]
    return named[-1] if named and len(named[-1]) <= 4 else ""


def quoted_names(body: str) -> list[str]:
    """Return the people quoted in an article, in order."""
    return [name for match in _SAYS.finditer(body) if (name := _name_at_end(match[1]))]
