"""The page of a name: its reports, their distribution over time, co-occurring names, and quotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from index.article import Article
from index.errors import BaowenError
from index.overlay.names import KINDS, NameEdits
from index.search.expression import Expression, Or, Text, Value, ValueKind
from index.search.facets import EVERY
from index.storage.store import Store
from index.text.folding import fold
from index.types import JsonObject
from rag.query.validation import check_whole
from rag.search.merging import merged_counts
from rag.search.snippets import Snippet, snippets

from .quotations import Quotation, quotations

_WITH = 20  # co-occurring names of each kind
_QUOTED = 200  # newest reports searched for quotations


@dataclass(frozen=True)
class Mentioned:
    """A report that contains the name, with the places where it does."""

    article: Article
    snippets: tuple[Snippet, ...]

    def as_dict(self) -> JsonObject:
        """Return the report as JSON values, without its body."""
        a = self.article
        where = {"id": a.id, "title": a.title, "date": a.date, "paper": a.paper, "page": a.page, "section": a.section}
        return where | {"snippets": [s.text for s in self.snippets], "places": [s.as_dict() for s in self.snippets]}


@dataclass(frozen=True)
class NamePage:
    """What the archive contains about a name.

    ``merged``: names that people merged into it. ``aliases``: its short names, with the number of reports that state
    them. ``stands_for``: longer names it is short for, counted likewise. ``others``: other kinds that the name occurs
    as, with their numbers of reports. ``quoted``: the number of reports searched for quotations.
    """

    name: str
    kind: str
    total: int
    months: dict[str, int]
    appears_with: dict[str, dict[str, int]]
    reports: tuple[Mentioned, ...]
    quotations: tuple[Quotation, ...]
    quoted: int
    merged: tuple[str, ...] = ()
    aliases: Mapping[str, int] | None = None
    stands_for: Mapping[str, int] | None = None
    others: Mapping[str, int] | None = None

    def as_dict(self) -> JsonObject:
        """Return the page as JSON values."""
        lists = {"reports": [report.as_dict() for report in self.reports]}
        lists["quotations"] = [quotation.as_dict() for quotation in self.quotations]
        return vars(self) | {"merged": list(self.merged), "aliases": dict(self.aliases or {})} | lists


def named(kind: ValueKind, names: Sequence[str]) -> Expression:
    """Return the query for articles that contain one of these names."""
    values = tuple(Value(kind, (name,)) for name in names)
    return values[0] if len(values) == 1 else Or(values)


class NameOptions(TypedDict, total=False):
    """The keyword arguments of ``name_page``, for functions that pass them on."""

    limit: int
    offset: int
    sort: str
    visible: Expression | None


def name_page(
    store: Store,
    edits: NameEdits,
    name: str,
    kind: str | None = None,
    *,
    limit: int = 20,
    offset: int = 0,
    sort: str = "newest",
    visible: Expression | None = None,
) -> NamePage:
    """Build the page of a name.

    Args:
        store: the archive's snapshot.
        edits: corrections of names.
        name: the name as printed; traditional and simplified characters are equivalent.
        kind: person, organisation or place; None: the kind with the most reports.
        limit: the number of reports.
        offset: the number of reports to skip.
        sort: newest or oldest.
        visible: the articles that the reader may see; None: all.

    Raises:
        BaowenError: no report contains the name, or the kind or order does not exist.
    """
    limit, offset = max(0, check_whole("limit", limit)), max(0, check_whole("offset", offset))
    if sort not in ("newest", "oldest"):
        raise BaowenError(f"没有 {sort} 这种排序 (no such order)；可用 newest、oldest")
    if kind is not None and kind not in KINDS:
        raise BaowenError(f"没有 {kind} 这种名字 (no such kind)；可用 {'、'.join(KINDS)}")
    search = store.search
    counts = _counts(store, edits, fold(name), visible)
    chosen: ValueKind = kind or max(KINDS, key=lambda held: counts.get(held, 0))  # type: ignore[assignment]
    if not counts.get(chosen):
        raise BaowenError(f"馆藏里没有认出“{name[:40]}”这个名字 (no report names it)；可以检索这几个字 (search for it)")
    group = edits.group(chosen, fold(name))
    asked = named(chosen, group)
    short, full = store.catalogue.aliases(chosen, group)
    printed = [*group, *short]
    wanted = Or(tuple(Text((text,)) for text in printed))
    numbers = search.numbers(asked, sort, limit, offset, visible)  # type: ignore[arg-type]
    looked = search.articles(search.numbers(asked, "newest", _QUOTED, 0, visible))
    counted = merged_counts(search, asked, ("month", *KINDS), EVERY, visible, edits)
    appears = {held: _first(counted[held], group if held == chosen else ()) for held in KINDS}
    return NamePage(
        group[0],
        chosen,
        counts[chosen],
        dict(sorted(counted["month"].items())),
        appears,
        tuple(Mentioned(article, snippets(article, wanted)) for article in search.articles(numbers)),
        tuple(q for article in looked for q in quotations(article, printed)) if chosen != "place" else (),
        len(looked),
        group[1:],
        short,
        full,
        {held: count for held, count in counts.items() if held != chosen and count},
    )


def _counts(store: Store, edits: NameEdits, name: str, visible: Expression | None) -> dict[str, int]:
    """The number of reports that contain the name, by kind."""
    kinds: tuple[ValueKind, ...] = ("person", "organisation", "place")
    shown = [kind for kind in kinds if name and (kind, name) not in edits.hidden]
    return {kind: store.search.count(named(kind, edits.group(kind, name)), visible) for kind in shown}


def _first(counts: Mapping[str, int], but: Sequence[str]) -> dict[str, int]:
    kept = [(name, count) for name, count in counts.items() if name not in but]
    return dict(kept[:_WITH])
