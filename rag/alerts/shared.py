"""Saved searches and collections in the database that several servers share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from index.config import Settings
from rag.serving.database import Database, opened

from .kept import Connection, Kept, Rows

if TYPE_CHECKING:
    import sqlalchemy

_ALONE = 0x6B657074  # PostgreSQL advisory lock for recording new hits


def open_kept(settings: Settings) -> Kept:
    """Open the saved searches and collections: in the configured database, otherwise in their file.

    Raises:
        BaowenError: the database cannot be opened.
    """
    return SharedKept(opened(settings.database.get_secret_value())) if settings.database else Kept(settings.kept)


class SharedKept(Kept):
    """Reads and writes the database. Several servers may send, but each message is sent by one of them."""

    def __init__(self, database: Database) -> None:
        super().__init__(Path())
        self._database = database

    @property
    def begun(self) -> bool:
        """Always true, since the tables exist."""
        return True

    def sender(self) -> AbstractContextManager[object]:
        """Return a lock that does nothing: any server may send, since each message is claimed."""
        return nullcontext()

    def claim(self, message: str, due: float, until: float) -> bool:
        """Return whether this server may now send a due message; other servers may try after ``until``."""
        with self.opened() as database:
            claimed = "UPDATE messages SET due = ? WHERE id = ? AND due = ? AND state = 'waiting'"
            return database.execute(claimed, (until, message, due)).rowcount == 1

    @contextmanager
    def opened(self, *, alone: bool = False) -> Iterator[Connection]:
        """Open the database in one transaction; ``alone``: one at a time among all servers.

        Raises:
            DatabaseError: the transaction failed, and nothing was changed.
        """
        with self._database.writing(_ALONE if alone else None) as connection:
            yield _Marked(connection)


class _Marked:
    """An SQLAlchemy connection that accepts statements with ``?`` for values."""

    def __init__(self, connection: sqlalchemy.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = (), /) -> Rows:
        """Run a statement."""
        return self._connection.execute(_named(statement), _by_name(values))

    def executemany(self, statement: str, rows: Iterable[Sequence[object]], /) -> object:
        """Run a statement once for each row of values."""
        given = [_by_name(values) for values in rows]
        return self._connection.execute(_named(statement), given) if given else None


def _named(statement: str) -> sqlalchemy.TextClause:
    """The statement with ``:v0``, ``:v1`` … in place of its question marks; no literal contains one."""
    import sqlalchemy

    first, *rest = statement.split("?")
    return sqlalchemy.text(first + "".join(f":v{number}{part}" for number, part in enumerate(rest)))


def _by_name(values: Sequence[object]) -> dict[str, object]:
    """The values by those names, without NUL characters, which PostgreSQL does not store."""
    held = (value.replace("\0", "") if isinstance(value, str) else value for value in values)
    return {f"v{number}": value for number, value in enumerate(held)}
