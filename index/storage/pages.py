"""The images of pages of an archive's sources, and the articles printed on them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# In separate tables, so that archives built without them can still be read and extended.
TABLES = """
CREATE TABLE IF NOT EXISTS pictures (
    number INTEGER PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, sheet INTEGER NOT NULL, image TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, UNIQUE (source, name, sheet)
);
CREATE INDEX IF NOT EXISTS pictures_image ON pictures (image);
CREATE TABLE IF NOT EXISTS shown (
    article INTEGER NOT NULL, picture INTEGER NOT NULL, PRIMARY KEY (article, picture)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class PagePicture:
    """A stored page image.

    ``source``, ``name`` and ``sheet``: the file that was read, the image's name in it (empty if the file itself is the
    image) and its page, as in ``Region``. ``width`` and ``height`` are those of the stored image in pixels.
    """

    source: str
    name: str
    sheet: int
    image: str
    width: int
    height: int


@dataclass(frozen=True)
class Leaf:
    """A page of an issue that has an image.

    ``page``: the page on which most of its articles begin, None if unknown; ``paper``: the paper of these articles;
    ``articles``: the ids of the articles on the page.
    """

    picture: PagePicture
    paper: str
    page: int | None
    articles: tuple[str, ...]


def add_picture(database: sqlite3.Connection, picture: PagePicture, articles: Iterable[int]) -> None:
    """Record a page image and the numbers of the articles on it."""
    row = database.execute(
        "INSERT OR REPLACE INTO pictures (source, name, sheet, image, width, height) VALUES (?, ?, ?, ?, ?, ?)",
        (picture.source, picture.name, picture.sheet, picture.image, picture.width, picture.height),
    )
    database.executemany("INSERT OR IGNORE INTO shown VALUES (?, ?)", [(number, row.lastrowid) for number in articles])


def forget_unshown(database: sqlite3.Connection) -> None:
    """Delete images without any remaining article."""
    database.execute("DELETE FROM shown WHERE article NOT IN (SELECT number FROM articles)")
    database.execute("DELETE FROM pictures WHERE number NOT IN (SELECT picture FROM shown)")


def forget_all(database: sqlite3.Connection) -> None:
    """Delete all images."""
    database.execute("DELETE FROM shown")
    database.execute("DELETE FROM pictures")


def has_pictures(database: sqlite3.Connection) -> bool:
    """Whether the archive was built by a version that stores page images."""
    return bool(database.execute("SELECT 1 FROM sqlite_master WHERE name = 'shown'").fetchone())


def pictures_of(database: sqlite3.Connection, article: int) -> list[PagePicture]:
    """The images of an article's pages, by its number."""
    rows = database.execute(
        "SELECT source, name, sheet, image, width, height FROM pictures "
        "WHERE number IN (SELECT picture FROM shown WHERE article = ?) ORDER BY number",
        (article,),
    )
    return [PagePicture(*row) for row in rows]


def leaves_beside(database: sqlite3.Connection, article: int) -> list[Leaf]:
    """The pages with images of an article's issue, in order, by the article's number.

    The issue consists of articles with the same paper and date or, for an undated article, of what was read with it.
    """
    date, paper, key = database.execute(
        "SELECT date, paper, source_key FROM articles WHERE number = ?", (article,)
    ).fetchone()
    issue, values = ("source_key = ?", (key,)) if date is None else ("date = ? AND paper = ?", (date, paper))
    return leaves_where(database, issue, values)


def leaves_where(database: sqlite3.Connection, condition: str, values: Sequence[str]) -> list[Leaf]:
    """The pages with images of articles that match an SQL condition, by paper and page."""
    rows = database.execute(
        "SELECT pictures.number, source, name, sheet, image, width, height, page, paper, id FROM articles "
        "JOIN shown ON shown.article = articles.number JOIN pictures ON pictures.number = shown.picture "
        f"WHERE {condition} ORDER BY pictures.number, articles.number",
        values,
    )
    held: dict[int, tuple[PagePicture, list[tuple[int | None, str, str]]]] = {}
    for number, *picture, page, paper, identity in rows:
        held.setdefault(number, (PagePicture(*picture), []))[1].append((page, paper, identity))
    leaves = [_leaf(picture, on_it) for picture, on_it in held.values()]
    return sorted(leaves, key=lambda leaf: (leaf.paper, leaf.page is None, leaf.page or 0))


def _leaf(picture: PagePicture, on_it: Sequence[tuple[int | None, str, str]]) -> Leaf:
    """``on_it``: page, paper and id of each article."""
    page = _usual(page for page, _, _ in on_it)
    paper = next(paper for begins, paper, _ in on_it if begins == page)
    return Leaf(picture, paper, page, tuple(identity for _, _, identity in on_it))


def _usual(pages: Iterable[int | None]) -> int | None:
    """The most frequent page; among equals the last one, since articles continue from earlier pages."""
    counted = Counter(page for page in pages if page is not None)
    return max(counted, key=lambda page: (counted[page], page), default=None)


def images_of(database: sqlite3.Connection) -> set[str]:
    """The ids of all images."""
    return {image for (image,) in database.execute("SELECT DISTINCT image FROM pictures")}
