"""The contents of a snapshot for browsing: issues, articles, and their distribution."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.article import Article, load_article
from index.regions import Region, pack_regions, unpack_regions

from .pages import Leaf, PagePicture, has_pictures, leaves_beside, leaves_where, pictures_of


@dataclass(frozen=True)
class FacetCount:
    """A value by which articles are filtered, a date or a month, and its number of articles."""

    value: str
    articles: int


class Catalogue:
    """Queries a snapshot's database."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def article(self, identity: str) -> Article | None:
        """An article by its id."""
        row = self._database.execute("SELECT id, fields, body FROM articles WHERE id = ?", (identity,)).fetchone()
        return load_article(*row) if row else None

    def headed(self, date: str | None, heading: str) -> list[Article]:
        """The articles of one date (None: undated) with the given original heading."""
        query = "SELECT id, fields, body FROM articles WHERE date IS ? AND heading = ? ORDER BY number"
        return [load_article(*row) for row in self._database.execute(query, (date, heading))]

    def regions(self, identity: str) -> tuple[Region, ...]:
        """The places of an article's parts on the page images; empty if its source gives no places."""
        if not self._database.execute("SELECT 1 FROM sqlite_master WHERE name = 'regions'").fetchone():
            return ()  # built before archives stored them
        number = self._database.execute("SELECT number FROM articles WHERE id = ?", (identity,)).fetchone()
        return held_regions(self._database, number[0]) if number else ()

    def pictures(self, identity: str) -> list[PagePicture]:
        """The images of an article's pages; empty if none are stored."""
        if not has_pictures(self._database):
            return []
        number = self._database.execute("SELECT number FROM articles WHERE id = ?", (identity,)).fetchone()
        return pictures_of(self._database, number[0]) if number else []

    def leaves(self, identity: str) -> list[Leaf]:
        """The pages with images of an article's issue, in order; empty if none are stored."""
        if not has_pictures(self._database):
            return []
        number = self._database.execute("SELECT number FROM articles WHERE id = ?", (identity,)).fetchone()
        return leaves_beside(self._database, number[0]) if number else []

    def shows(self, image: str) -> bool:
        """Whether an image, given by id, shows an article of this snapshot."""
        if not has_pictures(self._database):
            return False
        return bool(self._database.execute("SELECT 1 FROM pictures WHERE image = ?", (image,)).fetchone())

    def issues(self) -> list[FacetCount]:
        """The dates of the issues in the archive, newest first."""
        return self._held("SELECT date, count(*) FROM articles WHERE date IS NOT NULL GROUP BY date ORDER BY date DESC")

    def undated(self) -> int:
        """The number of articles without a date."""
        return int(self._database.execute("SELECT count(*) FROM articles WHERE date IS NULL").fetchone()[0])

    def issue(self, date: str) -> list[Article]:
        """The articles of one date, by page, at most 500; an empty ``date`` means undated articles."""
        rows = self._database.execute(f"SELECT id, fields, body {_issue(date)}", (date,))
        return [load_article(*row) for row in rows]

    def issue_leaves(self, date: str) -> list[Leaf]:
        """The pages with images of the articles that ``issue`` returns, by paper and page; empty if none are stored."""
        if not has_pictures(self._database):
            return []
        return leaves_where(self._database, f"articles.number IN (SELECT number {_issue(date)})", (date,))

    def values(self, kind: str) -> list[FacetCount]:
        """The papers, sections, pages or reporters in the archive (``kind`` as in ``Filter``), most frequent first."""
        return self._held(
            "SELECT substr(facet, ?), count(*) FROM facets WHERE facet >= ? AND facet < ? "
            "GROUP BY facet ORDER BY count(*) DESC, facet",
            len(kind) + 2,
            f"{kind}=",
            f"{kind}>",
        )

    def months(self, term: str = "") -> list[FacetCount]:
        """Articles per month (2024-07), oldest first; with ``term``, only those that contain it in headline or body."""
        return self._held(
            "SELECT substr(date, 1, 7), count(*) FROM articles WHERE date IS NOT NULL "
            "AND (? = '' OR instr(body, ?) OR instr(heading, ?)) GROUP BY 1 ORDER BY 1",
            term,
            term,
            term,
        )

    def aliases(self, kind: str, names: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
        """The short forms that articles state for ``names``, and the full names for which they state these.

        Each with its number of articles, most frequent first. Empty in archives built before short forms were stored.
        """
        if not self._database.execute("SELECT 1 FROM sqlite_master WHERE name = 'aliases'").fetchone():
            return {}, {}
        marks = ",".join("?" * len(names))
        query = (
            "SELECT {0}, count(DISTINCT article) FROM aliases WHERE kind = ? AND {1} IN (" + marks + ") "
            "GROUP BY {0} ORDER BY 2 DESC, 1"
        )
        asked = (query.format("short", "full"), query.format("full", "short"))
        short, full = (dict(self._database.execute(text, (kind, *names)).fetchall()) for text in asked)
        return short, full

    def bodies(self, limit: int) -> Iterator[str]:
        """The bodies of the newest articles."""
        query = "SELECT body FROM articles ORDER BY date DESC, number LIMIT ?"
        return (body for (body,) in self._database.execute(query, (limit,)))

    def _held(self, query: str, *values: str | int) -> list[FacetCount]:
        return [FacetCount(str(value), count) for value, count in self._database.execute(query, values)]


def _issue(date: str) -> str:
    """The end of a query for the articles of one date; its parameter is the date."""
    condition = "date = ?" if date else "date IS NULL AND ? = ''"
    return f"FROM articles WHERE {condition} ORDER BY page IS NULL, page, number LIMIT 500"


def keep_regions(database: sqlite3.Connection, number: int, regions: Sequence[Region]) -> None:
    """Store the regions of the article with that number."""
    if regions:
        database.execute("INSERT OR REPLACE INTO regions VALUES (?, ?)", (number, pack_regions(regions)))


def held_regions(database: sqlite3.Connection, number: int) -> tuple[Region, ...]:
    """The stored regions of the article with that number."""
    row = database.execute("SELECT packed FROM regions WHERE article = ?", (number,)).fetchone()
    return unpack_regions(row[0]) if row else ()
