"""What people keep: searches with the ways they are told of new hits, and collections of reports. One SQLite file."""

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

_WAIT_S = 20.0  # for another writer
_LONGEST = 2000  # characters of a name or a note
_MOST = 200  # searches, and collections, of one person

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
    """What a statement gives back, as ``sqlite3.Cursor``."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:  # noqa: ANN401
        """The next row; None after the last."""

    def fetchall(self) -> Sequence[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What runs statements with ``?`` for values: SQLite's own connection, or one to the shared database."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Rows:
        """Run a statement."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Run a statement with each of those values."""


@dataclass(frozen=True)
class SavedSearch:
    """A query that somebody keeps; ``archive``: its name, where a server has several.

    ``email`` and ``webhook``: where they are told of new hits, empty for nowhere; ``snapshot``: the state of the
    archive that was looked at last.
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
        """As JSON values."""
        return {name: value for name, value in vars(self).items() if name != "person"}


_SEARCH = "id, person, archive, name, query, created, email, webhook, snapshot"


class Kept:
    """Reads and writes the file; every call opens it for itself, so that threads and processes share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made = False

    @property
    def begun(self) -> bool:
        """Whether anybody may have kept anything."""
        return self.path.is_file()

    def sender(self) -> AbstractContextManager[object]:
        """Held by the one process that sends; raises ``filelock.Timeout`` where another does."""
        return FileLock(self.path.with_name(self.path.name + ".sending"), blocking=False)

    def claim(self, message: str, due: float, until: float) -> bool:
        """Whether a message that was due is now this process's to send."""
        return True  # since one process sends

    @contextmanager
    def opened(self, *, alone: bool = False) -> Iterator[Connection]:
        """The file, in one transaction: all of it is written, or nothing.

        Args:
            alone: nobody else writes from the beginning on.

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
                # A lost machine may forget the last steps, which are then done again; a killed process loses nothing.
                database.execute("PRAGMA synchronous = NORMAL")
                database.execute("PRAGMA secure_delete = ON")
                with database:
                    if alone:
                        database.execute("BEGIN IMMEDIATE")
                    yield database
        except (sqlite3.Error, OSError) as error:
            raise BaowenError(f"无法读写 {self.path} (cannot open what is kept): {error}") from error

    def save(
        self, person: str, found: Hits, name: str = "", *, archive: str = "", email: str = "", webhook: str = ""
    ) -> SavedSearch:
        """Keep a search together with what it finds now, which is not told; what is published after is.

        Raises:
            BaowenError: somebody keeps too many.
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
        """The saved searches, of a person or of an archive or all, in the order in which they were saved."""
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
        """Keep a search no longer; what is not sent yet is not sent, and its feed is gone.

        Raises:
            BaowenError: the person has no such search.
        """
        with self.opened() as database:
            self.require(database, "searches", person, identity)
            _drop(database, [identity])

    def open_feed(self, person: str, identity: str) -> str:
        """A new secret for a search's feed; the one before is no good any more. Only its hash is kept.

        Raises:
            BaowenError: the person has no such search.
        """
        secret = secrets.token_urlsafe(24)
        with self.opened() as database:
            self.require(database, "searches", person, identity)
            database.execute("UPDATE searches SET feed = ? WHERE id = ?", (_hash(secret), identity))
        return secret

    def close_feed(self, person: str, identity: str) -> None:
        """Withdraw the secret of a search's feed.

        Raises:
            BaowenError: the person has no such search.
        """
        with self.opened() as database:
            self.require(database, "searches", person, identity)
            database.execute("UPDATE searches SET feed = NULL WHERE id = ?", (identity,))

    def feeds(self, person: str) -> set[str]:
        """The ids of a person's searches that have a feed."""
        if not self.begun:
            return set()
        with self.opened() as database:
            rows = database.execute("SELECT id FROM searches WHERE person = ? AND feed IS NOT NULL", (person,))
            return {row[0] for row in rows}

    def of_feed(self, secret: str) -> SavedSearch | None:
        """The search whose feed has that secret; None for one that is guessed or withdrawn."""
        if not self.begun:
            return None
        with self.opened() as database:
            row = database.execute(f"SELECT {_SEARCH} FROM searches WHERE feed = ?", (_hash(secret),)).fetchone()
        return SavedSearch(*row) if row else None

    def forget(self, person: str) -> int:
        """Erase all that a person keeps; how many searches and collections that were."""
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
        """Note hits of a search, which are not told from now on."""
        database.executemany("INSERT INTO seen VALUES (?, ?)", [(search, article) for article in articles])

    @staticmethod
    def bounded(database: Connection, table: str, person: str) -> None:
        """Refuse to keep more than so many of one person."""
        held = database.execute(f"SELECT count(*) FROM {table} WHERE person = ?", (person,)).fetchone()[0]
        if held >= _MOST:
            raise BaowenError(f"已经存了 {held} 个，最多 {_MOST} 个 (too many kept)；请先删去一些")

    @staticmethod
    def require(database: Connection, table: str, person: str, identity: str) -> None:
        """Refuse what is not the person's."""
        if not database.execute(f"SELECT 1 FROM {table} WHERE id = ? AND person = ?", (identity, person)).fetchone():
            raise BaowenError(f"没有存过编号为 {identity!r} 的东西 (nothing kept under it)")


def _drop(database: Connection, searches: Sequence[str]) -> None:
    for table, column in (("searches", "id"), ("seen", "search"), ("messages", "search")):
        database.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(identity,) for identity in searches])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def short(text: str) -> str:
    """A name in one line, not too long."""
    return " ".join(text.split())[:_LONGEST]


def now() -> str:
    """The time as it is kept."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
