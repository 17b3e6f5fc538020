"""Connections to the shared database, whose schema is migrated when it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from index.errors import BaowenError
from index.extras import install_line, require

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

_MIGRATING = 0x62616F77  # PostgreSQL advisory lock for migrations
_PATIENCE_S = 5  # to wait for a connection or a lock


class DatabaseError(BaowenError):
    """The shared database cannot be used now."""


class Database:
    """A pool of connections.

    Args:
        url: an SQLAlchemy URL, ``postgresql+psycopg://user:password@host/name`` or ``sqlite:///file``.

    Raises:
        BaowenError: the extra is not installed, the URL is invalid, or a later version wrote the database.
        DatabaseError: the database cannot be reached.
    """

    def __init__(self, url: str) -> None:
        for module in ("sqlalchemy", "alembic"):
            require(module, "database", "共享数据库")
        import sqlalchemy
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        try:
            parsed = sqlalchemy.make_url(url)
            self.name = parsed.render_as_string(hide_password=True)
            self._sqlite = parsed.get_backend_name() == "sqlite"
            connect = {"timeout": _PATIENCE_S} if self._sqlite else {"connect_timeout": _PATIENCE_S}
            self._engine = sqlalchemy.create_engine(parsed, pool_pre_ping=True, connect_args=connect)
        except (ArgumentError, NoSuchModuleError) as error:
            raise BaowenError(
                "database 不是数据库地址 (not a database URL)；"
                "要像 postgresql+psycopg://用户:密码@主机/库名 或 sqlite:///文件"
            ) from error
        except ImportError as error:
            raise BaowenError(
                f"共享数据库需要 {error.name} (the driver is missing)；{install_line('database')}"
            ) from error
        if self._sqlite:
            self._begin_at_once()
        with self.writing(_MIGRATING) as connection:
            _migrate(connection, self.name)

    def _begin_at_once(self) -> None:
        """Make SQLite wait for its lock at the beginning of a transaction, so that it does not fail in the middle."""
        from sqlalchemy import event

        def connected(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None

        def begun(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        event.listen(self._engine, "connect", connected)
        event.listen(self._engine, "begin", begun)

    @contextmanager
    def writing(self, lock: int | None = None) -> Iterator[Connection]:
        """Run a transaction; with ``lock``, only one at a time among all servers that use the same number.

        Raises:
            DatabaseError: the transaction failed, and nothing was changed.
        """
        import sqlalchemy
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                if not self._sqlite:
                    connection.execute(sqlalchemy.text(f"SET LOCAL lock_timeout = '{_PATIENCE_S}s'"))
                    if lock is not None:
                        connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(lock)))
                yield connection
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise DatabaseError(
                f"共享数据库 {self.name} 用不了 (cannot use the shared database): {reason}；请查配置 database"
            ) from error

    def now(self) -> ColumnElement[float]:
        """Return an expression for the time on the database's clock, in seconds."""
        from sqlalchemy import Float, cast, func

        if self._sqlite:
            return (func.julianday("now", type_=Float) - 2440587.5) * 86400.0
        return cast(func.extract("epoch", func.clock_timestamp()), Float)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


@cache
def opened(url: str) -> Database:
    """Return the database at a URL, opened once per process; errors as ``Database``."""
    return Database(url)


def _migrate(connection: Connection, name: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise BaowenError(f"共享数据库 {name} 是更新的版本写的 (written by a later version): {error}") from error
