"""The log of corrections: entries are only added; an undo is also an entry."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from index.errors import BaowenError
from index.types import JsonObject

FILE = "overlay.sqlite"
_WAIT_S = 20.0  # wait for another writer

_TABLE = """
CREATE TABLE IF NOT EXISTS edits (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    details TEXT NOT NULL, undoes INTEGER UNIQUE
);
"""


@dataclass(frozen=True)
class Edit:
    """Who did what, and when (UTC). ``undone``: it was undone; ``undoes``: the number of the entry that it undoes."""

    number: int
    time: str
    who: str
    action: str
    details: JsonObject
    undoes: int | None = None
    undone: bool = False

    def as_dict(self) -> JsonObject:
        """The entry as JSON values."""
        return dict(vars(self))


class Overlay:
    """The corrections of one archive; its file is created by the first correction.

    Args:
        archive: the archive's folder.
    """

    def __init__(self, archive: Path) -> None:
        self._path = archive / FILE

    def add(self, who: str, action: str, **details: str | int | None) -> Edit:
        """Add an entry.

        Raises:
            BaowenError: the log cannot be written.
        """
        return self._added(who, action, details, None)

    def undo(self, number: int, who: str) -> Edit:
        """Undo an entry.

        Raises:
            BaowenError: the entry does not exist, is itself an undo, or is already undone.
        """
        edit = next((edit for edit in self.edits() if edit.number == number), None)
        if edit is None or edit.undoes is not None:
            raise BaowenError(f"没有编号为 {number} 的更正 (no such correction)")
        if edit.undone:
            raise BaowenError(f"更正 {number} 已经撤销过 (already taken back)")
        return self._added(who, "undo", {}, number)

    def edits(self, *actions: str) -> list[Edit]:
        """All entries in order, or only those with the given actions."""
        found = self._entries()
        undone = {edit.undoes for edit in found}
        edits = [replace(edit, undone=edit.number in undone) for edit in found]
        return [edit for edit in edits if not actions or edit.action in actions]

    def standing(self, *actions: str) -> list[Edit]:
        """The entries that have not been undone."""
        return [edit for edit in self.edits(*actions) if not edit.undone and edit.undoes is None]

    def _added(self, who: str, action: str, details: JsonObject, undoes: int | None) -> Edit:
        time = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return Edit(self._insert(time, who, action, details, undoes), time, who, action, details, undoes)

    def _entries(self) -> list[Edit]:
        """All entries in order, including undone ones and undos."""
        if not self._path.is_file():
            return []
        with self._opened() as database:
            rows = database.execute("SELECT number, time, who, action, details, undoes FROM edits ORDER BY number")
            return [Edit(n, time, who, what, json.loads(said), undoes) for n, time, who, what, said, undoes in rows]

    def _insert(self, time: str, who: str, action: str, details: JsonObject, undoes: int | None) -> int:
        """Write an entry and return its number."""
        values = (time, who, action, json.dumps(details, ensure_ascii=False), undoes)
        try:
            with self._opened() as database, database:
                row = database.execute(
                    "INSERT INTO edits (time, who, action, details, undoes) VALUES (?, ?, ?, ?, ?)", values
                )
        except sqlite3.IntegrityError as error:  # two people undid it at once
            raise BaowenError(f"更正 {undoes} 已经撤销过 (already taken back)") from error
        return row.lastrowid or 0

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT_S)) as database:
                database.executescript(_TABLE)
                yield database
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise BaowenError(f"无法读写更正 {self._path} (cannot open the corrections): {error}") from error
