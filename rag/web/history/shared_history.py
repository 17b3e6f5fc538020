"""The history in the database that several servers share."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from index.errors import BaowenError
from index.types import JsonObject
from rag.serving.database import Database, DatabaseError

from .conversations import OUTCOMES, Conversation, Conversations, HistoryError, Turn

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Delete, Table

log = logging.getLogger(__name__)


class SharedHistory(Conversations):
    """Reads and writes the database; turns keep the order of writing, independent of clocks."""

    def __init__(self, database: Database, archive: str = "") -> None:
        super().__init__(archive)
        self._database = database

    @contextmanager
    def _transaction(self, lock: int | None = None) -> Iterator[Connection]:
        try:
            with self._database.writing(lock) as connection:
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
            "told": _without_nul(str(turn.answer.get("answer", ""))),
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

    def _selected(self, *conditions: ColumnElement[bool]) -> list[Turn]:
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
        """Return the person who asked the turn with this id, in any archive."""
        from rag.serving.database.tables import turns

        found = self._selected(turns.c.id == identity)
        return found[0].person if found else None

    def conversations(self, person: str, limit: int = 50, *, containing: str = "") -> list[Conversation]:
        """Return a person's conversations, latest first; ``containing``: text in a question, an answer or the name."""
        import sqlalchemy as sa

        from rag.serving.database.tables import names, turns

        own = (turns.c.person == person, turns.c.archive == self._archive)
        found = sa.or_(*(column.contains(containing, autoescape=True) for column in (turns.c.question, turns.c.told)))
        ends = (
            sa.select(
                sa.func.min(turns.c.number).label("first"),
                sa.func.max(turns.c.number).label("last"),
                sa.func.max(turns.c.asked).label("asked"),
                sa.func.max(sa.case((found, 1), else_=0)).label("contains"),
            )
            .where(*own)
            .group_by(turns.c.conversation)
            .subquery()
        )
        named = sa.and_(names.c.conversation == turns.c.conversation, names.c.person == person)
        title = sa.func.coalesce(names.c.name, turns.c.question).label("title")
        wanted = (
            sa.select(turns.c.conversation, title, ends.c.asked)
            .join(ends, turns.c.number == ends.c.first)
            .join(names, named, isouter=True)
            .where(sa.or_(ends.c.contains == 1, title.contains(containing, autoescape=True)))
        )
        try:
            with self._transaction() as connection:
                rows = connection.execute(wanted.order_by(ends.c.last.desc()).limit(limit)).all()
        except HistoryError as error:
            log.error("%s", error)
            return []
        return [Conversation(*row) for row in rows]

    def rename(self, person: str, conversation: str, name: str) -> None:
        """Name a conversation; with an empty name, its first question is the title again."""
        from rag.serving.database.tables import names

        with self._transaction() as connection:
            connection.execute(_of(names, person, conversation))
            if name:
                values = {"conversation": conversation, "person": person, "name": _without_nul(name)}
                connection.execute(names.insert().values(values))

    def forget_conversation(self, person: str, conversation: str) -> None:
        """Delete one of a person's conversations."""
        from rag.serving.database.tables import names, turns

        self._drop_unsaved(lambda turn: (turn.person, turn.conversation) == (person, conversation))
        with self._transaction() as connection:
            for table in (turns, names):
                connection.execute(_of(table, person, conversation))

    def forget_from(self, person: str, turn: Turn) -> None:
        """Delete a turn and the later ones in its conversation, because it was asked again."""
        import sqlalchemy as sa

        from rag.serving.database.tables import turns

        self._drop_unsaved(
            lambda held: (held.person, held.conversation) == (person, turn.conversation) and held.asked >= turn.asked
        )
        first = sa.select(turns.c.number).where(turns.c.id == turn.id).scalar_subquery()
        with self._transaction() as connection:
            connection.execute(_of(turns, person, turn.conversation).where(turns.c.number >= first))

    def forget(self, person: str) -> int:
        """Erase a person's questions, answers, ratings and usage counts; return the number of answers.

        The database's own vacuum overwrites the erased data; its backups are not changed.

        Raises:
            BaowenError: the database could not be written.
        """
        from rag.serving.database.tables import asked, names, turns

        try:
            with self._transaction() as connection:
                gone = connection.execute(turns.delete().where(turns.c.person == person)).rowcount
                for table in (names, asked):
                    connection.execute(table.delete().where(table.c.person == person))
        except HistoryError as error:
            raise BaowenError(f"抹不干净 (cannot erase): {error}；请稍后再运行一次") from error
        self._drop_unsaved(lambda turn: turn.person == person)
        return int(gone)

    def rate(self, person: str, identity: str, liked: bool, reason: str = "") -> None:
        """Store a person's rating of one of their answers."""
        from rag.serving.database.tables import turns

        own = turns.update().where(turns.c.id == identity, turns.c.person == person)
        with self._transaction() as connection:
            connection.execute(own.values(liked=liked, reason=_without_nul(reason)))

    def rated(self) -> list[Turn]:
        """Return the turns that have a rating."""
        from rag.serving.database.tables import turns

        return self._selected(turns.c.liked.is_not(None))

    def _count(self, at: str, person: str, outcome: str, ms: float | None, waited: float | None) -> None:
        from rag.serving.database.tables import asked

        row = {"archive": self._archive, "at": at, "person": person, "outcome": outcome, "ms": ms, "waited": waited}
        with self._transaction() as connection:
            connection.execute(asked.insert().values(row))

    def usage(self, days: int) -> list[JsonObject]:
        """Return for each of the last days: questions, people, outcomes, mean time and mean wait in milliseconds."""
        import sqlalchemy as sa

        from rag.serving.database.tables import asked

        day = sa.func.substr(asked.c.at, 1, 10)
        outcomes = [sa.func.sum(sa.case((asked.c.outcome == name, 1), else_=0)).label(name) for name in OUTCOMES]
        people = sa.func.count(asked.c.person.distinct()).label("people")
        means = [sa.func.avg(column).label(column.name) for column in (asked.c.ms, asked.c.waited)]
        columns = [day.label("day"), sa.func.count().label("questions"), people, *outcomes, *means]
        wanted = sa.select(*columns).where(asked.c.archive == self._archive).group_by(day)
        with self._transaction() as connection:
            rows = connection.execute(wanted.order_by(day.desc()).limit(days)).mappings().all()
        return [_rounded({"archive": self._archive, **row}, "ms", "waited") for row in rows]

    def secret(self, name: str) -> str:
        """Return a permanent random secret of all servers; it signs the cookies that identify people."""
        import sqlalchemy as sa

        from rag.serving.database.tables import secrets as held

        wanted = sa.select(held.c.value).where(held.c.name == name)
        with self._database.writing(_SECRETS) as connection:
            value = connection.scalar(wanted)
            if value is None:
                value = secrets.token_urlsafe(32)
                connection.execute(held.insert().values(name=name, value=value))
        return str(value)

    def end_session(self, login: str, at: int) -> None:
        """Record for all servers that a login was ended at ``at``, in seconds since the epoch."""
        import sqlalchemy as sa

        from rag.serving.database.tables import ended

        with self._transaction(_ENDED) as connection:
            if connection.scalar(sa.select(ended.c.at).where(ended.c.login == login)) is None:
                connection.execute(ended.insert().values(login=login, at=at))

    def ended_sessions(self, since: int) -> list[str]:
        """Return the logins that were ended since then on any server."""
        import sqlalchemy as sa

        from rag.serving.database.tables import ended

        with self._transaction() as connection:
            return list(connection.scalars(sa.select(ended.c.login).where(ended.c.at >= since)))

    def drop_ended(self, before: int) -> None:
        """Forget the logins that were ended before then."""
        from rag.serving.database.tables import ended

        with self._transaction() as connection:
            connection.execute(ended.delete().where(ended.c.at < before))

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


# PostgreSQL advisory locks for creating a secret and for ending a login.
_SECRETS = 0x73656372
_ENDED = 0x656E6465


def _of(table: Table, person: str, conversation: str) -> Delete:
    """The statement that deletes a person's conversation from a table."""
    return table.delete().where(table.c.person == person, table.c.conversation == conversation)


def _rounded(row: JsonObject, *names: str) -> JsonObject:
    return row | {name: None if row[name] is None else float(round(row[name])) for name in names}


def _without_nul(text: str) -> str:
    """Text without NUL characters, which PostgreSQL does not store."""
    return text.replace("\0", "")
