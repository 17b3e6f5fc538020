"""People and their passwords, in the database that several servers share."""

from __future__ import annotations

import threading
import time

from index.errors import BaowenError
from rag.serving.database import Database, DatabaseError

from .login import NAME, Passwords, hashed

_LOOKS_EVERY_S = 2.0


class SharedPasswords(Passwords):
    """Names and bcrypt hashes, reread after 2 seconds; while the database is unreachable, the last ones are used.

    Raises:
        DatabaseError: they cannot be read the first time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._hashes: dict[str, bytes] = {}
        self._known: set[bytes] = set()
        self._looked = 0.0
        self._read()

    def _refresh(self) -> None:
        with self._lock:
            if time.monotonic() - self._looked >= _LOOKS_EVERY_S:
                try:
                    self._read()
                except DatabaseError:
                    self._looked = time.monotonic()

    def _read(self) -> None:
        from rag.serving.database.tables import people

        with self._database.writing() as connection:
            self._hashes = {row.name: row.hash.encode() for row in connection.execute(people.select())}
        self._looked = time.monotonic()


def set_shared_password(database: Database, name: str, password: str) -> None:
    """Add a person to the database, or change their password.

    Raises:
        BaowenError: the name or the password is invalid, or the database cannot be written.
    """
    from rag.serving.database.tables import people

    if not NAME.fullmatch(name):
        raise BaowenError(f"用户名 {name!r} 不能用：不要空格和冒号 (no spaces or colons)")
    kept = hashed(password).decode()
    with database.writing(_PEOPLE) as connection:
        connection.execute(people.delete().where(people.c.name == name))
        connection.execute(people.insert().values(name=name, hash=kept))


_PEOPLE = 0x70656F70  # PostgreSQL advisory lock for changing one
