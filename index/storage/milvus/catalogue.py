"""The contents of an archive in Milvus for browsing; counts come from the row that describes the state."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from index.article import Article, date_number, load_article
from index.overlay.places import as_read
from index.regions import Region, unpack_regions
from index.types import JsonObject

from ..catalogue import Catalogue, FacetCount
from ..pages import Leaf, PagePicture
from .address import MilvusAddress, told
from .schema import literal, numbers_in

if TYPE_CHECKING:
    from pymilvus import MilvusClient

_MOST = 500  # articles of one date, and rows per request


class MilvusCatalogue(Catalogue):
    """Queries one state."""

    def __init__(self, client: MilvusClient, address: MilvusAddress, prefix: str, described: JsonObject) -> None:
        self._client, self._address, self._prefix = client, address, prefix
        self.dates: Mapping[str, int] = described["dates"]
        self._facets: Mapping[str, int] = described["facets"]

    def rows(self, condition: str, fields: Sequence[str], part: str = "articles") -> Iterator[JsonObject]:
        """Yield all rows that match, however many."""
        with told(self._address):
            found = self._client.query_iterator(
                f"{self._prefix}_{part}", filter=condition, output_fields=list(fields), batch_size=_MOST
            )
            try:
                while batch := found.next():
                    yield from batch
            finally:
                found.close()

    def numbered(self, numbers: Sequence[int]) -> dict[int, Article]:
        """Articles by number."""
        found = {}
        for start in range(0, len(numbers), _MOST):
            condition = numbers_in("number", numbers[start : start + _MOST])
            for row in self.rows(condition, ("number", "identity", "fields", "body")):
                found[int(row["number"])] = load_article(row["identity"], row["fields"], "".join(row["body"]))
        return found

    def article(self, identity: str) -> Article | None:
        """An article by its id."""
        rows = list(self.rows(f"number >= 0 and identity == {literal(identity)}", ("identity", "fields", "body")))
        return load_article(identity, rows[0]["fields"], "".join(rows[0]["body"])) if rows else None

    def headed(self, date: str | None, heading: str) -> list[Article]:
        """The articles of one date (None: undated) with the given original heading, among at most 500 of that date."""
        return [article for article in self.issue(date or "") if as_read(article).heading == heading]

    def regions(self, identity: str) -> tuple[Region, ...]:
        """The places of an article's parts on the page images; empty if its source gives no places."""
        rows = list(self.rows(f"number >= 0 and identity == {literal(identity)}", ("regions",)))
        return unpack_regions(base64.b64decode(rows[0]["regions"])) if rows and rows[0]["regions"] else ()

    def pictures(self, identity: str) -> list[PagePicture]:
        """Always empty: page images are not copied into Milvus."""
        return []

    def leaves(self, identity: str) -> list[Leaf]:
        """Always empty: page images are not copied into Milvus."""
        return []

    def issue_leaves(self, date: str) -> list[Leaf]:
        """Always empty: page images are not copied into Milvus."""
        return []

    def shows(self, image: str) -> bool:
        """Always False: page images are not copied into Milvus."""
        return False

    def aliases(self, kind: str, names: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
        """Always empty: short forms are not copied into Milvus."""
        return {}, {}

    def issues(self) -> list[FacetCount]:
        """The dates of the issues in the archive, newest first."""
        return [FacetCount(date, self.dates[date]) for date in sorted(self.dates, reverse=True) if date]

    def undated(self) -> int:
        """The number of articles without a date."""
        return self.dates.get("", 0)

    def issue(self, date: str) -> list[Article]:
        """The articles of one date, by page, at most 500; an empty ``date`` means undated articles."""
        if date not in self.dates:
            return []
        rows = self.rows(f"number >= 0 and date == {date_number(date or None)}", ("number",))
        numbers = sorted(int(row["number"]) for row in rows)[:_MOST]
        found = self.numbered(numbers)
        return [found[number] for number in numbers]

    def values(self, kind: str) -> list[FacetCount]:
        """The papers, sections, pages or reporters in the archive (``kind`` as in ``Filter``), most frequent first."""
        start = f"{kind}="
        held = [FacetCount(facet[len(start) :], n) for facet, n in self._facets.items() if facet.startswith(start)]
        return sorted(held, key=lambda one: (-one.articles, one.value))

    def months(self, term: str = "") -> list[FacetCount]:
        """Articles per month (2024-07), oldest first; with ``term``, only those with it in headline or a passage."""
        counts: Counter[str] = Counter()
        if term:
            wanted = literal(f"%{_plain(term)}%")
            rows = self.rows(f"text like {wanted} or heading like {wanted}", ("article", "date"), "passages")
            for day in {int(row["article"]): int(row["date"]) for row in rows}.values():
                counts[f"{day // 10000:04d}-{day // 100 % 100:02d}" if day else ""] += 1
        else:
            for date, articles in self.dates.items():
                counts[date[:7]] += articles
        return [FacetCount(month, counts[month]) for month in sorted(counts) if month]

    def bodies(self, limit: int) -> Iterator[str]:
        """The bodies of the newest articles."""
        found = self.numbered(range(1, limit + 1))
        return (found[number].body for number in sorted(found))


def _plain(term: str) -> str:
    """A term with ``%`` and ``_`` escaped."""
    return "".join(f"\\{character}" if character in "%_\\" else character for character in term)
