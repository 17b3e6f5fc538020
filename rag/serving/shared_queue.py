"""The line for one language model that several servers ask, kept in the database that they share."""

from __future__ import annotations

import logging
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any

from .database import Database, DatabaseError
from .fair_queue import FairQueue, Ticket, fair_order

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOOKS_EVERY_S = 0.3
_LOST_S = 20.0  # a server that was not seen for so long is gone, and its places with it

log = logging.getLogger(__name__)


class SharedQueue(FairQueue):
    """A fair queue of all servers; while the database is away each server keeps its own people in line.

    Args:
        database: where the places are.
        model: what is waited for, alike on every server.
        server: this server's name, unlike any other's.
        at_once: how many are served at the same time, on all servers together.
        lost: seconds after which a server that is not seen any more has lost its places.
    """

    def __init__(self, database: Database, model: str, server: str, at_once: int = 1, lost: float = _LOST_S) -> None:
        super().__init__(at_once)
        self._database, self._model, self._server, self._lost = database, model, server, lost
        self._lock = zlib.crc32(model.encode()) & 0x7FFFFFFF
        self._numbers: dict[Ticket, int] = {}
        self._alive: threading.Thread | None = None

    def __len__(self) -> int:
        """How many wait or are served, here."""
        return len(self._tickets) + len(self._served)

    def wait(self, ticket: Ticket, seconds: float) -> int:
        """Wait at most so long for its turn: 0 when it has come, else how many are before it."""
        end, woken = time.monotonic() + seconds, False
        while True:
            try:
                place = self._look(ticket)
            except DatabaseError as error:
                log.warning("各服务器暂时各排各的队 (each server has its own line now): %s", error)
                return super().wait(ticket, max(0.0, end - time.monotonic()))
            left = end - time.monotonic()
            if place == 0 or left <= 0 or woken:
                return place
            with self._changed:
                woken = self._changed.wait(min(left, _LOOKS_EVERY_S))

    def leave(self, ticket: Ticket) -> None:
        """Make room, served or not."""
        super().leave(ticket)
        with self._changed:
            number = self._numbers.pop(ticket, None)
        if number is not None:
            try:
                self._delete(number)
            except DatabaseError as error:  # its place ends with ``lost``
                log.warning("%s", error)

    def _look(self, ticket: Ticket) -> int:
        """Take the turn if it has come: 0; else how many are before it."""
        from .database.tables import waiting

        with self._database.writing(self._lock) as connection:
            gone = waiting.c.seen < self._database.now() - self._lost
            connection.execute(waiting.delete().where(waiting.c.model == self._model, gone))
            number = self._place(connection, ticket)
            rows = connection.execute(
                waiting.select().where(waiting.c.model == self._model).order_by(waiting.c.number)
            ).all()
            served = [(row.person, row.number) for row in rows if row.served]
            if number in (n for _, n in served):
                return 0
            order = fair_order([(row.person, row.number) for row in rows if not row.served], served)
            place = [n for _, n in order].index(number)
            if place or len(served) >= self._at_once:
                return place + len(served)
            connection.execute(waiting.update().where(waiting.c.number == number).values(served=True))
            return 0

    def _place(self, connection: Connection, ticket: Ticket) -> int:
        """The number of a ticket's place, which is taken where it has none; it was seen now."""
        from .database.tables import waiting

        now = self._database.now()
        number = self._numbers.get(ticket)
        if number is not None:
            own = waiting.update().where(waiting.c.number == number, waiting.c.server == self._server)
            if connection.execute(own.values(seen=now)).rowcount:
                return number
        values = {"model": self._model, "server": self._server, "person": ticket.person, "served": False}
        inserted: Any = connection.execute(waiting.insert().values(**values, seen=now)).inserted_primary_key
        taken = int(inserted[0])
        with self._changed:
            self._numbers[ticket] = taken
            if self._alive is None:
                self._alive = threading.Thread(target=self._keep_alive, daemon=True, name="places")
                self._alive.start()
        return taken

    def _keep_alive(self) -> None:
        """Say again and again that this server is there, since an answer may take longer than ``lost``."""
        from .database.tables import waiting

        while True:
            time.sleep(self._lost / 4)
            with self._changed:
                if not self._numbers:
                    self._alive = None
                    return
            try:
                with self._database.writing() as connection:
                    own = waiting.update().where(waiting.c.server == self._server)
                    connection.execute(own.values(seen=self._database.now()))
            except DatabaseError as error:
                log.warning("%s", error)

    def _delete(self, number: int) -> None:
        from .database.tables import waiting

        with self._database.writing() as connection:
            connection.execute(waiting.delete().where(waiting.c.number == number))
