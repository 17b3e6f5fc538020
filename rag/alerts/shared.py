"""What people keep, in the database that several servers share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.config import Settings
from rag.serving.database import Database, opened

from .kept import Connection, Kept, Rows

if TYPE_CHECKING:
    import sqlalchemy

_ALONE = 0x6B657074  # PostgreSQL's advisory lock of whoever notes what is new


def open_kept(settings: Settings) -> Kept:
    """What people keep, in the database that is configured, else in its file.

    Raises:
        BaowenError: the database cannot be opened.
    """
    return SharedKept(opened(settings.database.get_secret_value())) if settings.database else Kept(settings.kept)


class SharedKept(Kept):
    """Reads and writes the database; several servers send, each message by one of them."""

    def __init__(self, database: Database) -> None:
        super().__init__(Path())
        self._database = database

    @property
    def begun(self) -> bool:
        """Always: the tables are there."""
        return True

    def sender(self) -> AbstractContextManager[object]:
        """Any server may send: each message is claimed."""
        return nullcontext()

    def claim(self, message: str, due: float, until: float) -> bool:
        """Whether a message that was due is now this server's to send; if it is killed, another's after ``until``."""
        with self.opened() as database:
            claimed = "UPDATE messages SET due = ? WHERE id = ? AND due = ? AND state = 'waiting'"
            return database.execute(claimed, (until, message, due)).rowcount == 1

    @contextmanager
    def opened(self, *, alone: bool = False) -> Iterator[Connection]:
        """The database, in one transaction; ``alone``: one at a time of all servers'.

        Raises:
            DatabaseError: it failed, and nothing of it was done.
        """
        with self._database.writing(_ALONE if alone else None) as connection:
            yield _Marked(connection)


class _Marked:
    """A connection of SQLAlchemy's that takes statements with ``?`` for values."""

    def __init__(self, connection: sqlalchemy.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Rows:
        """Run a statement."""
        result: Any = self._connection.execute(_named(statement), _by_name(values))
        return result  # type: ignore[no-any-return]

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Run a statement with each of those values."""
        given = [_by_name(values) for values in rows]
        return self._connection.execute(_named(statement), given) if given else None


def _named(statement: str) -> sqlalchemy.TextClause:
    """The statement with ``:v0``, ``:v1`` … for its question marks, of which none stands in a literal."""
    import sqlalchemy

    first, *rest = statement.split("?")
    return sqlalchemy.text(first + "".join(f":v{number}{part}" for number, part in enumerate(rest)))


def _by_name(values: Sequence[Any]) -> dict[str, Any]:
    """The values by those names; PostgreSQL holds no NUL in a text."""
    held = (value.replace("\0", "") if isinstance(value, str) else value for value in values)
    return {f"v{number}": value for number, value in enumerate(held)}
