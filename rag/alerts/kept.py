"""Saved searches with their alert settings, and collections of reports, in one SQLite file."""

from __future__ import annotations

import datetime
import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock

from index.errors import BaowenError
from index.types import JsonObject
from rag.search.hits import Hits

_WAIT_S = 20.0  # to wait for another writer
_LONGEST = 2000  # characters of a name
_MOST = 200  # searches of one person, and as many collections

_TABLES = """
CREATE TABLE IF NOT EXISTS searches (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, archive TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL,
    created TEXT NOT NULL, feed TEXT UNIQUE, email TEXT NOT NULL, webhook TEXT NOT NULL, snapshot TEXT
);
CREATE TABLE IF NOT EXISTS seen (search TEXT NOT NULL, article TEXT NOT NULL, PRIMARY KEY (search, article))
WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY, search TEXT NOT NULL, channel TEXT NOT NULL, target TEXT NOT NULL, articles TEXT NOT NULL,
    created TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting', problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS messages_state ON messages (state, due);
CREATE TABLE IF NOT EXISTS collections (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, archive TEXT NOT NULL, name TEXT NOT NULL, created TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS collected (
    collection TEXT NOT NULL, article TEXT NOT NULL, note TEXT NOT NULL, added TEXT NOT NULL,
    PRIMARY KEY (collection, article)
) WITHOUT ROWID;
"""


class Rows(Protocol):
    """The result of a statement, like ``sqlite3.Cursor``."""

    @property
    def rowcount(self) -> int:
        """The number of rows that the statement changed."""

    def fetchone(self) -> Any:  # noqa: ANN401
        """Return the next row; None after the last."""

    def fetchall(self) -> Sequence[Any]:
        """Return the remaining rows."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Runs statements with ``?`` for values: SQLite's own connection, or one to the shared database."""

    def execute(self, statement: str, values: Sequence[object] = (), /) -> Rows:
        """Run a statement."""

    def executemany(self, statement: str, rows: Iterable[Sequence[object]], /) -> object:
        """Run a statement once for each row of values."""


@dataclass(frozen=True)
class SavedSearch:
    """A query that a person saved.

    ``archive`` is its archive's name, if a server has several. ``email`` and ``webhook`` are where alerts are sent,
    empty for nowhere. ``snapshot`` is the archive's snapshot that was searched last.
    """

    id: str
    person: str
    archive: str
    name: str
    query: str
    created: str
    email: str = ""
    webhook: str = ""
    snapshot: str | None = None

    def as_dict(self) -> JsonObject:
        """Return the search as JSON values."""
        return {name: value for name, value in vars(self).items() if name != "person"}


_SEARCH = "id, person, archive, name, query, created, email, webhook, snapshot"


class Kept:
    """Reads and writes the file. Every call opens it separately, so that threads and processes can share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made = False

    @property
    def begun(self) -> bool:
        """Whether anything may have been saved."""
        return self.path.is_file()

    def sender(self) -> AbstractContextManager[object]:
        """Return the lock of the sending process; it raises ``filelock.Timeout`` if another process is sending."""
        return FileLock(self.path.with_name(self.path.name + ".sending"), blocking=False)

    def claim(self, message: str, due: float, until: float) -> bool:
        """Return whether this process may now send a message that was due."""
        return True  # only one process sends

    @contextmanager
    def opened(self, *, alone: bool = False) -> Iterator[Connection]:
        """Open the file in one transaction: either everything is written or nothing.

        Args:
            alone: lock out other writers from the start.

        Raises:
            BaowenError: it cannot be opened or written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_WAIT_S)) as database:
                if not self._made:
                    self.path.chmod(0o600)
                    database.execute("PRAGMA journal_mode = WAL")
                    database.executescript(_TABLES)
                    self._made = True
                # After a power loss the last steps may be missing and are repeated; a killed process loses nothing.
                database.execute("PRAGMA synchronous = NORMAL")
                database.execute("PRAGMA secure_delete = ON")
                with database:
                    if alone:
                        database.execute("BEGIN IMMEDIATE")
                    yield database
        except (sqlite3.Error, OSError) as error:
            raise BaowenError(f"无法读写 {self.path} (cannot read or write saved searches): {error}") from error

    def save(
        self, person: str, found: Hits, name: str = "", *, archive: str = "", email: str = "", webhook: str = ""
    ) -> SavedSearch:
        """Save a search. Its present hits are recorded as seen; only those published later cause alerts.

        Raises:
            BaowenError: the person has too many saved searches.
        """
        named, seen = short(name or found.query), found.ids
        search = SavedSearch(
            secrets.token_hex(8), person, archive, named, found.query, now(), email, webhook, found.snapshot
        )
        with self.opened() as database:
            self.bounded(database, "searches", person)
            values = [getattr(search, column.strip()) for column in _SEARCH.split(",")]
            database.execute(f"INSERT INTO searches ({_SEARCH}) VALUES ({','.join('?' * len(values))})", values)
            self.see(database, search.id, seen)
        return search

    def searches(self, person: str | None = None, archive: str | None = None) -> list[SavedSearch]:
        """Return the saved searches, optionally of one person or one archive, in the order they were saved."""
        if not self.begun:
            return []
        with self.opened() as database:
            asked = {name: value for name, value in (("person", person), ("archive", archive)) if value is not None}
            where = " AND ".join(("1 = 1", *(f"{name} = ?" for name in asked)))
            rows = database.execute(
                f"SELECT {_SEARCH} FROM searches WHERE {where} ORDER BY created, rowid", tuple(asked.values())
            )
            return [SavedSearch(*row) for row in rows]

    def drop(self, person: str, identity: str) -> None:
        """Delete a search with its feed and its unsent messages.

        Raises:
            BaowenError: the person has no such search.
        """
        with self.opened() as database:
            self.require(database, "searches", person, identity)
            _drop(database, [identity])

    def open_feed(self, person: str, identity: str) -> str:
        """Return a new secret for a search's feed and invalidate the previous one. Only the hash is stored.

        Raises:
            BaowenError: the person has no such search.
        """
        secret = secrets.token_urlsafe(24)
        with self.opened() as database:
            self.require(database, "searches", person, identity)
            database.execute("UPDATE searches SET feed = ? WHERE id = ?", (_hash(secret), identity))
        return secret

    def close_feed(self, person: str, identity: str) -> None:
        """Revoke the secret of a search's feed.

        Raises:
            BaowenError: the person has no such search.
        """
        with self.opened() as database:
            self.require(database, "searches", person, identity)
            database.execute("UPDATE searches SET feed = NULL WHERE id = ?", (identity,))

    def feeds(self, person: str) -> set[str]:
        """Return the ids of a person's searches that have a feed."""
        if not self.begun:
            return set()
        with self.opened() as database:
            rows = database.execute("SELECT id FROM searches WHERE person = ? AND feed IS NOT NULL", (person,))
            return {row[0] for row in rows}

    def of_feed(self, secret: str) -> SavedSearch | None:
        """Return the search whose feed has this secret; None if the secret is wrong or revoked."""
        if not self.begun:
            return None
        with self.opened() as database:
            row = database.execute(f"SELECT {_SEARCH} FROM searches WHERE feed = ?", (_hash(secret),)).fetchone()
        return SavedSearch(*row) if row else None

    def forget(self, person: str) -> int:
        """Erase everything a person saved; return the number of searches and collections erased."""
        if not self.begun:
            return 0
        with self.opened() as database:
            of = [row[0] for row in database.execute("SELECT id FROM searches WHERE person = ?", (person,))]
            _drop(database, of)
            database.execute(
                "DELETE FROM collected WHERE collection IN (SELECT id FROM collections WHERE person = ?)", (person,)
            )
            gone = database.execute("DELETE FROM collections WHERE person = ?", (person,)).rowcount
        return len(of) + gone

    @staticmethod
    def see(database: Connection, search: str, articles: Iterable[str]) -> None:
        """Record hits of a search as seen, so that they cause no alert."""
        database.executemany("INSERT INTO seen VALUES (?, ?)", [(search, article) for article in articles])

    @staticmethod
    def bounded(database: Connection, table: str, person: str) -> None:
        """Raise ``BaowenError`` if the person has reached the limit of searches or collections."""
        held = database.execute(f"SELECT count(*) FROM {table} WHERE person = ?", (person,)).fetchone()[0]
        if held >= _MOST:
            raise BaowenError(f"已经存了 {held} 个，最多 {_MOST} 个 (too many saved)；请先删去一些")

    @staticmethod
    def require(database: Connection, table: str, person: str, identity: str) -> None:
        """Raise ``BaowenError`` if the item does not belong to the person."""
        if not database.execute(f"SELECT 1 FROM {table} WHERE id = ? AND person = ?", (identity, person)).fetchone():
            raise BaowenError(f"没有存过编号为 {identity!r} 的东西 (nothing kept under it)")


def _drop(database: Connection, searches: Sequence[str]) -> None:
    for table, column in (("searches", "id"), ("seen", "search"), ("messages", "search")):
        database.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(identity,) for identity in searches])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def short(text: str) -> str:
    """Return a name as one line, cut to the longest length allowed."""
    return " ".join(text.split())[:_LONGEST]


def now() -> str:
    """Return the current time as it is stored."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
