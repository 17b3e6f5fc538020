"""Keep the later of two texts of an article: a page corrected under another name, a record sent again."""

from __future__ import annotations

import difflib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath

from index.article import Article
from index.reading.articles.reprints import ALIKE, overlap, same_page, shingles, sketch
from index.reading.facts.known import from_path
from index.regions import carried
from index.storage.catalogue import held_regions, keep_regions

from .folder_names import ELSEWHERE
from .ledger import forget

_BODY = 0.9  # minimum similarity of bodies with equal or similar headlines
_HEADING = 0.8
_SHORT_BODY = 0.75  # the same under 40 characters, in files of one name: 封闭检修45天 for 封闭检修60天
_SAME_ID = 0.5  # minimum for two records with the same id, which otherwise come from two databases
_COMPARED = 2000  # characters; a longer corrected text still has most of its shingles

Group = tuple[str, int | None, str]  # date, page, paper
_GROUP = "a.date = ? AND a.page IS ? AND a.paper = ?"


@dataclass(frozen=True, slots=True)
class Version:
    """An article in the archive, and when its file was added; later versions sort after earlier ones."""

    number: int
    article: Article
    location: str
    order: tuple[int, int, str]


@dataclass
class Versions:
    """Articles to remove from the archive, by number; and pairs of files, with the later and the earlier text."""

    dropped: set[int] = field(default_factory=set)
    files: set[tuple[str, str]] = field(default_factory=set)

    def drop(self, loser: Version, winner: str) -> None:
        """Record that the file ``winner`` has a later text of an article in the archive."""
        self.dropped.add(loser.number)
        self.files.add((winner, loser.article.source))

    def settle(self, database: sqlite3.Connection, article: Article, order: tuple[int, int, str]) -> bool | None:
        """Choose between a new article and the existing one with its id: True: the new one; None: they are different.

        If the new one is chosen, the id becomes free for it.
        """
        rival = next(_select(database, "a.id = ?", article.id), None)
        if rival is None or rival.article.source == article.source or not _one_record(rival.article, article):
            return None
        if rival.order > order:
            self.files.add((rival.article.source, article.source))
            return False
        self.drop(rival, article.source)
        database.execute("UPDATE articles SET id = 'earlier ' || number WHERE number = ?", (rival.number,))
        return True

    def compare(self, database: sqlite3.Connection, groups: Iterable[Group]) -> None:
        """Find the earlier texts among the articles of each date, paper and page."""
        for group in groups:
            if _files(database, group) > 1:
                held = [version for version in _select(database, _GROUP, *group) if version.number not in self.dropped]
                for earlier, later in _pairs(sorted(held, key=lambda version: version.order)):
                    self.drop(earlier, later.article.source)
                    _carry_regions(database, earlier, later)


def _carry_regions(database: sqlite3.Connection, earlier: Version, later: Version) -> None:
    """Copy the places of the earlier text to a later one without places, such as a text corrected by hand."""
    if not held_regions(database, later.number):
        regions = held_regions(database, earlier.number)
        keep_regions(database, later.number, carried(regions, earlier.article.body, later.article.body))


def _files(database: sqlite3.Connection, group: Group) -> int:
    query = f"SELECT count(DISTINCT json_extract(a.fields, '$.source')) FROM articles a WHERE {_GROUP}"
    return int(database.execute(query, group).fetchone()[0])


def _select(database: sqlite3.Connection, condition: str, *values: object) -> Iterator[Version]:
    rows = database.execute(
        "SELECT a.number, a.id, a.heading, a.body, a.date, a.paper, a.page, json_extract(a.fields, '$.source'), "
        "p.location, coalesce(p.added, 0), coalesce(p.modified, 0) FROM articles a "
        f"LEFT JOIN places p ON p.path = json_extract(a.fields, '$.source') WHERE {condition} ORDER BY a.number",
        values,
    )
    for number, identity, heading, body, date, paper, page, source, location, added, modified in rows:
        pages = () if page is None else (page,)
        article = Article(identity, heading, body, date=date, paper=paper, pages=pages, source=source)
        yield Version(number, article, os.fsdecode(location or b""), (added, modified, source))


def _one_record(a: Article, b: Article) -> bool:
    """Whether two articles with one id are the same article, and not from two databases with the same numbering."""
    return bool(a.title and a.title == b.title) or _likeness(a.body, b.body, _SAME_ID) >= _SAME_ID


def drop_aliases(database: sqlite3.Connection, aliases: dict[str, list[str]], versions: Versions) -> None:
    """Drop articles of files under other names, unless they are from another newspaper or day."""
    for path, others in aliases.items():
        papers, dates, _ = _facts(database, path)
        for other in others:
            other_papers, other_dates, numbers = _facts(database, other)
            if _differ(papers, other_papers) or _differ(dates, other_dates):
                database.execute("INSERT OR REPLACE INTO places VALUES (?, ?, 0, 0)", (other, ELSEWHERE))
                continue
            versions.dropped |= numbers
            query = "UPDATE sources SET hash = 'changed' WHERE key = (SELECT source FROM files WHERE path = ?)"
            database.execute(query, (other,))
            forget(database, other)
    database.execute("DELETE FROM sources WHERE hash = 'changed' AND key NOT IN (SELECT source FROM files)")


def _facts(database: sqlite3.Connection, path: str) -> tuple[set[str], set[str], set[int]]:
    """The known papers and dates of a file's articles, and the articles' numbers."""
    rows = database.execute(
        "SELECT a.paper, a.date, a.number FROM articles a JOIN files f ON f.source = a.source_key "
        "WHERE f.path = ? AND json_extract(a.fields, '$.source') = f.path",
        (path,),
    ).fetchall()
    return {row[0] for row in rows} - {""}, {row[1] for row in rows} - {None}, {row[2] for row in rows}


def _differ(a: set[str], b: set[str]) -> bool:
    return bool(a and b and not a & b)


def _pairs(ordered: list[Version]) -> Iterator[tuple[Version, Version]]:
    """Yield earlier and later texts of one article; each later text replaces at most one article per file."""
    shingled = {version.number: shingles(version.article.body) for version in ordered}
    keys: dict[int, list[int | str]] = {
        version.number: [*sketch(shingled[version.number]), version.article.title] for version in ordered
    }
    by_key: dict[int | str, list[Version]] = {}
    gone: set[int] = set()
    for later in ordered:
        candidates = {v.number: v for key in keys[later.number] for v in by_key.get(key, ())}
        best: dict[str, tuple[float, Version]] = {}
        for earlier in candidates.values():
            if earlier.number not in gone and _may_be_one(earlier, later):
                score = _alike(earlier, later, shingled)
                if score > best.get(earlier.article.source, (0.0, earlier))[0]:
                    best[earlier.article.source] = (score, earlier)
        for _, earlier in best.values():
            gone.add(earlier.number)
            yield earlier, later
        for key in keys[later.number]:
            by_key.setdefault(key, []).append(later)


def _may_be_one(a: Version, b: Version) -> bool:
    if a.article.source == b.article.source or not same_page(a.article, b.article):
        return False
    papers = {paper for version in (a, b) if (paper := _paper_of_place(version.location or version.article.source))}
    return bool(a.article.paper) or len(papers) < 2


@lru_cache(maxsize=4096)
def _paper_of_place(place: str) -> str:
    """The newspaper named in a folder's path, used if the pages do not name it: 报库/江州日报/2025-04-18."""
    return next((paper for part in reversed(PurePath(place).parts) if (paper := from_path(PurePath(part)).paper)), "")


def _alike(a: Version, b: Version, shingled: dict[int, frozenset[str]]) -> float:
    """The similarity of two texts of one page; 0 if they are two articles."""
    first, second = a.article, b.article
    if (first.title, first.body) == (second.title, second.body):
        return 2.0
    own, other = shingled[a.number], shingled[b.number]
    shared = overlap(own, other)
    if shared >= ALIKE:
        return 1.0 + shared
    one_name = PurePath(first.source).name == PurePath(second.source).name
    if own and other:
        least = _BODY
    elif one_name and first.title and first.title == second.title:
        least = _SHORT_BODY
    else:
        return 0.0
    if _likeness(first.title, second.title, _HEADING) < _HEADING:
        return 0.0
    likeness = _likeness(first.body, second.body, least)
    return likeness if likeness >= least else 0.0


def _likeness(a: str, b: str, least: float) -> float:
    """The similarity of two texts, from 0 to 1; 0 if it is certainly below ``least`` or a text is very long."""
    if a == b:
        return 1.0
    if max(len(a), len(b)) > _COMPARED:
        return 0.0
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    quick = min(matcher.real_quick_ratio(), matcher.quick_ratio())
    return matcher.ratio() if quick >= least else 0.0
