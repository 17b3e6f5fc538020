"""The queue for one language model that several servers use, stored in their shared database."""

from __future__ import annotations

import logging
import threading
import time
import zlib
from typing import TYPE_CHECKING

from .database import Database, DatabaseError
from .fair_queue import FairQueue, Ticket, fair_order

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOOKS_EVERY_S = 0.3
_LOST_S = 20.0  # a server not seen for this long is gone, and its places with it

log = logging.getLogger(__name__)


class SharedQueue(FairQueue):
    """A fair queue across all servers; while the database is unreachable, each server has its own queue.

    Args:
        database: where the places are stored.
        model: the name of the language model, the same on every server.
        server: the unique name of this server.
        at_once: how many questions all servers together serve at the same time.
        lost: seconds after which a server that is no longer seen loses its places.
    """

    def __init__(self, database: Database, model: str, server: str, at_once: int = 1, lost: float = _LOST_S) -> None:
        super().__init__(at_once)
        self._database, self._model, self._server, self._lost = database, model, server, lost
        self._lock = zlib.crc32(model.encode()) & 0x7FFFFFFF
        self._numbers: dict[Ticket, int] = {}
        self._alive: threading.Thread | None = None

    def __len__(self) -> int:
        """The number of questions that are waiting or being served on this server."""
        return len(self._tickets) + len(self._served)

    def wait(self, ticket: Ticket, seconds: float) -> int:
        """Wait up to ``seconds`` for a turn; return 0 if it has come, otherwise how many are before the ticket."""
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
        """Leave the queue, whether or not the ticket was served."""
        super().leave(ticket)
        with self._changed:
            number = self._numbers.pop(ticket, None)
        if number is not None:
            try:
                self._delete(number)
            except DatabaseError as error:  # its place is lost after ``lost`` seconds
                log.warning("%s", error)

    def _look(self, ticket: Ticket) -> int:
        """Take the turn and return 0 if it has come, otherwise return how many are before the ticket."""
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
        """Mark a ticket's place as seen, taking one if it has none; return the place's number."""
        from .database.tables import waiting

        now = self._database.now()
        number = self._numbers.get(ticket)
        if number is not None:
            own = waiting.update().where(waiting.c.number == number, waiting.c.server == self._server)
            if connection.execute(own.values(seen=now)).rowcount:
                return number
        values = {"model": self._model, "server": self._server, "person": ticket.person, "served": False}
        inserted = waiting.insert().values(**values, seen=now).returning(waiting.c.number)
        taken: int = connection.execute(inserted).scalar_one()
        with self._changed:
            self._numbers[ticket] = taken
            if self._alive is None:
                self._alive = threading.Thread(target=self._keep_alive, daemon=True, name="places")
                self._alive.start()
        return taken

    def _keep_alive(self) -> None:
        """Keep marking this server as seen, since an answer may take longer than ``lost``."""
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
