"""The queue for the language model: nobody is served twice while somebody else is waiting for the first time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar


class Ticket:
    """A place in the queue; use it in a ``with`` block, which leaves the queue at its end."""

    def __init__(self, queue: FairQueue, person: str, arrival: int) -> None:
        self._queue = queue
        self.person = person
        self.arrival = arrival

    def places(self, every: float) -> Iterator[int]:
        """Yield how many are before this one, at least once in ``every`` seconds; end when it is its turn."""
        while place := self._queue.wait(self, every):
            yield place

    def __enter__(self) -> Ticket:
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.leave(self)


class FairQueue:
    """A fair queue: people take turns, and a person's further questions wait behind the first ones of others.

    Args:
        at_once: how many questions are served at the same time.
    """

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once
        self._tickets: list[Ticket] = []
        self._served: list[Ticket] = []
        self._arrivals = 0
        self._changed = threading.Condition()

    def join(self, person: str) -> Ticket:
        """Enter the queue and return the ticket."""
        with self._changed:
            self._arrivals += 1
            ticket = Ticket(self, person, self._arrivals)
            self._tickets.append(ticket)
            return ticket

    def __len__(self) -> int:
        """The number of questions that are waiting or being served."""
        return len(self._tickets) + len(self._served)

    def wait(self, ticket: Ticket, seconds: float) -> int:
        """Wait up to ``seconds`` for a turn; return 0 if it has come, otherwise how many are before the ticket."""
        with self._changed:
            if ticket not in self._served and not self._admit(ticket):
                self._changed.wait(seconds)
                self._admit(ticket)
            return 0 if ticket in self._served else self._order().index(ticket) + len(self._served)

    def wake(self) -> None:
        """Wake up everyone who is waiting, since one of them may want to leave."""
        with self._changed:
            self._changed.notify_all()

    def leave(self, ticket: Ticket) -> None:
        """Leave the queue, whether or not the ticket was served."""
        with self._changed:
            for tickets in (self._tickets, self._served):
                if ticket in tickets:
                    tickets.remove(ticket)
            self._changed.notify_all()

    def _admit(self, ticket: Ticket) -> bool:
        if len(self._served) >= self._at_once or self._order()[0] is not ticket:
            return False
        self._tickets.remove(ticket)
        self._served.append(ticket)
        self._changed.notify_all()
        return True

    def _order(self) -> list[Ticket]:
        waiting = [(ticket.person, ticket) for ticket in sorted(self._tickets, key=lambda ticket: ticket.arrival)]
        served = [(ticket.person, ticket) for ticket in self._served]
        return [ticket for _, ticket in fair_order(waiting, served)]


Waited = TypeVar("Waited")


def fair_order(waiting: Sequence[tuple[str, Waited]], served: Sequence[tuple[str, Waited]]) -> list[tuple[str, Waited]]:
    """Return the waiting (person, place) pairs, given by arrival, in the order in which they are served.

    They are sorted by how many questions of the same person are before them.
    """
    own = Counter(person for person, _ in served)
    ranked = []
    for person, place in waiting:
        ranked.append((own[person], (person, place)))
        own[person] += 1
    return [entry for _, entry in sorted(ranked, key=lambda pair: pair[0])]
