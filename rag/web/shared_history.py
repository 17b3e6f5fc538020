"""The history that several servers share, in a database."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from index.errors import BaowenError
from rag.serving.database import Database, DatabaseError

from .conversations import Conversations, HistoryError, Turn

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)


class SharedHistory(Conversations):
    """Reads and writes the database; turns stand in the order in which they were written, whatever clocks say."""

    def __init__(self, database: Database, archive: str = "") -> None:
        super().__init__(archive)
        self._database = database

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._database.writing() as connection:
                yield connection
        except DatabaseError as error:
            raise HistoryError(str(error)) from error

    def _write(self, archive: str, turn: Turn) -> None:
        import sqlalchemy as sa

        from rag.serving.database.tables import turns

        kind, timings = turn.answer.get("kind") or "", turn.answer.get("timings") or {}
        values = {
            "id": turn.id,
            "archive": archive,
            "conversation": turn.conversation,
            "person": turn.person,
            "asked": turn.asked,
            "question": _without_nul(turn.question),
            "answer": json.dumps(turn.answer, ensure_ascii=False),
            "kind": kind,
            "ms": timings.get("total_ms"),
            "snapshot": turn.snapshot,
        }
        with self._transaction() as connection:
            if connection.scalar(sa.select(turns.c.number).where(turns.c.id == turn.id)) is None:
                connection.execute(turns.insert().values(values))

    def _read(self, **equal: str) -> list[Turn]:
        from rag.serving.database.tables import turns

        conditions = [turns.c[name] == value for name, value in equal.items()]
        return self._selected(*conditions, turns.c.archive == self._archive)

    def _selected(self, *conditions: Any) -> list[Turn]:
        import sqlalchemy as sa

        from rag.serving.database.tables import turns

        with self._transaction() as connection:
            rows = connection.execute(sa.select(turns).where(*conditions).order_by(turns.c.number)).all()
        return [
            Turn(
                row.id,
                row.conversation,
                row.person,
                row.asked,
                row.question,
                json.loads(row.answer),
                row.liked,
                row.reason,
                row.snapshot,
            )
            for row in rows
        ]

    def person_of(self, identity: str) -> str | None:
        """Who asked the turn with that id, of whatever archive."""
        from rag.serving.database.tables import turns

        found = self._selected(turns.c.id == identity)
        return found[0].person if found else None

    def conversations(self, person: str, limit: int = 50) -> list[tuple[str, str]]:
        """A person's conversations, latest first, as (id, first question)."""
        import sqlalchemy as sa

        from rag.serving.database.tables import turns

        ends = (
            sa.select(sa.func.min(turns.c.number).label("first"), sa.func.max(turns.c.number).label("last"))
            .where(turns.c.person == person, turns.c.archive == self._archive)
            .group_by(turns.c.conversation)
            .subquery()
        )
        wanted = sa.select(turns.c.conversation, turns.c.question).join(ends, turns.c.number == ends.c.first)
        try:
            with self._transaction() as connection:
                rows = connection.execute(wanted.order_by(ends.c.last.desc()).limit(limit)).all()
        except HistoryError as error:
            log.error("%s", error)
            return []
        return [(row.conversation, row.question) for row in rows]

    def forget_from(self, person: str, turn: Turn) -> None:
        """Drop a turn and those after it in its conversation, because it is asked anew."""
        import sqlalchemy as sa

        from rag.serving.database.tables import turns

        first = sa.select(turns.c.number).where(turns.c.id == turn.id).scalar_subquery()
        with self._transaction() as connection:
            connection.execute(
                turns.delete().where(
                    turns.c.person == person, turns.c.conversation == turn.conversation, turns.c.number >= first
                )
            )

    def forget(self, person: str) -> int:
        """Erase everything a person asked, was answered and thought of it; how many answers.

        The database's own vacuum overwrites what was erased, and its backups are not touched.

        Raises:
            BaowenError: the database could not be written.
        """
        from rag.serving.database.tables import turns

        try:
            with self._transaction() as connection:
                gone = connection.execute(turns.delete().where(turns.c.person == person)).rowcount
        except HistoryError as error:
            raise BaowenError(f"抹不干净 (cannot erase): {error}；请稍后再运行一次") from error
        self._state.unsaved = [held for held in self._state.unsaved if held[1].person != person]
        return int(gone)

    def rate(self, person: str, identity: str, liked: bool, reason: str = "") -> None:
        """What somebody thinks of one of their answers."""
        from rag.serving.database.tables import turns

        own = turns.update().where(turns.c.id == identity, turns.c.person == person)
        with self._transaction() as connection:
            connection.execute(own.values(liked=liked, reason=_without_nul(reason)))

    def rated(self) -> list[Turn]:
        """The turns that somebody has thought something of."""
        from rag.serving.database.tables import turns

        return self._selected(turns.c.liked.is_not(None))

    def usage(self, days: int) -> list[dict[str, Any]]:
        """For each of the last days how many questions there were, by how many people, how they ended, and how long."""
        import sqlalchemy as sa

        from rag.serving.database.tables import turns

        day = sa.func.substr(turns.c.asked, 1, 10)
        kinds = [
            sa.func.sum(sa.case((turns.c.kind == kind, 1), else_=0)).label(kind)
            for kind in ("answered", "quoted", "refused")
        ]
        people = sa.func.count(turns.c.person.distinct()).label("people")
        columns = [day.label("day"), sa.func.count().label("questions"), people, *kinds]
        wanted = sa.select(*columns, sa.func.avg(turns.c.ms).label("ms")).where(turns.c.archive == self._archive)
        with self._transaction() as connection:
            rows = connection.execute(wanted.group_by(day).order_by(day.desc()).limit(days)).mappings().all()
        return [
            {"archive": self._archive, **row, "ms": None if row["ms"] is None else float(round(row["ms"]))}
            for row in rows
        ]

    def secret(self, name: str) -> str:
        """A random secret that stays the same, for all servers; it signs the cookies that tell people apart."""
        import sqlalchemy as sa

        from rag.serving.database.tables import secrets as held

        wanted = sa.select(held.c.value).where(held.c.name == name)
        with self._database.writing(_SECRETS) as connection:
            value = connection.scalar(wanted)
            if value is None:
                value = secrets.token_urlsafe(32)
                connection.execute(held.insert().values(name=name, value=value))
        return str(value)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


_SECRETS = 0x73656372  # PostgreSQL's advisory lock of whoever makes one


def _without_nul(text: str) -> str:
    """Text as PostgreSQL can hold it."""
    return text.replace("\0", "")
