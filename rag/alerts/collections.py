"""Collections: lists of reports that a person puts together, each report with a note."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from index.errors import BaowenError
from index.types import JsonObject

from .kept import Kept, now, short

_COLUMNS = "id, person, archive, name, created"


@dataclass(frozen=True)
class Collected:
    """A report in a collection: its id and the note on it."""

    article: str
    note: str
    added: str


@dataclass(frozen=True)
class Collection:
    """A named list of reports, in the order they were added."""

    id: str
    archive: str
    name: str
    created: str
    reports: tuple[Collected, ...] = ()

    def as_dict(self) -> JsonObject:
        """Return the collection as JSON values."""
        return vars(self) | {"reports": [dict(vars(report)) for report in self.reports]}


class Collections:
    """The collections of one person in one archive.

    Args:
        kept: the file they are stored in.
        person: their owner; nobody else sees them.
        archive: its name, if a server has several.
    """

    def __init__(self, kept: Kept, person: str, archive: str = "") -> None:
        self._kept, self._person, self._archive = kept, person, archive

    def all(self) -> list[Collection]:
        """Return every collection with its reports."""
        if not self._kept.begun:
            return []
        with self._kept.opened() as database:
            found = database.execute(
                "SELECT id, archive, name, created FROM collections WHERE person = ? AND archive = ? "
                "ORDER BY created, rowid",
                (self._person, self._archive),
            ).fetchall()
            query = "SELECT article, note, added FROM collected WHERE collection = ? ORDER BY added, article"
            return [
                Collection(
                    identity,
                    archive,
                    name,
                    created,
                    tuple(Collected(*row) for row in database.execute(query, (identity,))),
                )
                for identity, archive, name, created in found
            ]

    def make(self, name: str) -> Collection:
        """Create an empty collection.

        Raises:
            BaowenError: the name is empty, or the person has too many collections.
        """
        if not short(name):
            raise BaowenError("收藏要有名字 (a collection needs a name)")
        made = Collection(secrets.token_hex(8), self._archive, short(name), now())
        with self._kept.opened() as database:
            self._kept.bounded(database, "collections", self._person)
            values = (made.id, self._person, made.archive, made.name, made.created)
            database.execute(f"INSERT INTO collections ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)", values)
        return made

    def put(self, collection: str, article: str, note: str = "") -> None:
        """Add a report, or change its note.

        Raises:
            BaowenError: the person has no such collection.
        """
        with self._kept.opened() as database:
            self._kept.require(database, "collections", self._person, collection)
            database.execute(
                "INSERT INTO collected VALUES (?, ?, ?, ?) "
                "ON CONFLICT (collection, article) DO UPDATE SET note = excluded.note",
                (collection, article, note[:20_000], now()),
            )

    def take(self, collection: str, article: str) -> None:
        """Remove a report.

        Raises:
            BaowenError: the person has no such collection.
        """
        with self._kept.opened() as database:
            self._kept.require(database, "collections", self._person, collection)
            database.execute("DELETE FROM collected WHERE collection = ? AND article = ?", (collection, article))

    def drop(self, collection: str) -> None:
        """Delete a collection.

        Raises:
            BaowenError: the person has no such collection.
        """
        with self._kept.opened() as database:
            self._kept.require(database, "collections", self._person, collection)
            database.execute("DELETE FROM collected WHERE collection = ?", (collection,))
            database.execute("DELETE FROM collections WHERE id = ?", (collection,))
