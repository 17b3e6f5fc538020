"""Turns new hits of saved searches into messages, and sends each message until the recipient accepts it.

A hit is reported once: the hit is recorded as seen, and its message is written, in one transaction. A message keeps
its id and its hits on every retry. A sender killed after the recipient accepted a message, but before this is
recorded, sends it again with the same id (Message-ID, Idempotency-Key), so that the recipient can recognise it.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from filelock import Timeout

from index.errors import BaowenError
from index.storage.store import Store
from rag.search.hits import Hits

from .kept import Kept, SavedSearch, now

log = logging.getLogger(__name__)

_DELAYS_S = (60, 300, 1800, 7200, 6 * 3600, 24 * 3600)  # between attempts; after the last, the message is given up
_CLAIMED_S = 600.0  # one server's time to send a message before another may try
_IN_ONE = 50  # hits listed in a message; of more only the number is given

Send = Callable[["Message"], None]


@dataclass(frozen=True)
class Message:
    """A message about new hits of a search; ``channel``: email or webhook; ``articles``: their ids, newest first."""

    id: str
    search: SavedSearch
    channel: str
    target: str
    articles: tuple[str, ...]
    created: str

    @property
    def told(self) -> tuple[str, ...]:
        """The articles that the message lists."""
        return self.articles[:_IN_ONE]


class Searchable(Protocol):
    """An opened archive, such as ``rag.browsing.Browsing``: alerts report what its readers would find."""

    @property
    def store(self) -> Store:
        """Its published snapshot."""

    def search_all(self, query: str, sort: str = "relevance") -> Hits:
        """Return every article that matches a query."""


class NotSentError(BaowenError):
    """The recipient did not accept a message; it is sent again later."""


def gather(kept: Kept, archive: Searchable, may: Callable[[SavedSearch], bool], name: str = "") -> int:
    """Find new hits of an archive's saved searches; return the number of messages created.

    Args:
        kept: the file of saved searches.
        archive: the archive to search.
        may: returns whether the owner of a search may still read the archive.
        name: the archive's name, if a server has several.
    """
    made, snapshot = 0, archive.store.snapshot
    for search in kept.searches(archive=name):
        if search.snapshot == snapshot or not may(search):
            continue
        try:
            hits = archive.search_all(search.query, "newest")
            found = hits.ids
        except BaowenError as error:  # a search that fails must not stop the others
            log.warning("保存的检索“%s”查不了 (a saved search fails): %s", search.name, error)
            continue
        made += _noted(kept, search, hits.snapshot, found)
    return made


def _noted(kept: Kept, search: SavedSearch, snapshot: str, found: Sequence[str]) -> int:
    """Record the hits as seen and create messages about the new ones; return how many."""
    with kept.opened(alone=True) as database:
        held = database.execute("SELECT snapshot FROM searches WHERE id = ?", (search.id,)).fetchone()
        if held is None or held[0] != search.snapshot:  # deleted meanwhile, or another process was faster
            return 0
        seen = {row[0] for row in database.execute("SELECT article FROM seen WHERE search = ?", (search.id,))}
        new = [identity for identity in found if identity not in seen]
        kept.see(database, search.id, new)
        database.execute("UPDATE searches SET snapshot = ? WHERE id = ?", (snapshot, search.id))
        told = [(c, t) for c, t in (("email", search.email), ("webhook", search.webhook)) if t]
        if search.snapshot is None or not new:  # None: saved by 0.2.0, which did not record existing hits
            return 0
        rows = [(str(uuid.uuid4()), search.id, c, t, json.dumps(new), now()) for c, t in told]
        columns = "id, search, channel, target, articles, created"
        database.executemany(f"INSERT INTO messages ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        return len(rows)


def deliver(kept: Kept, send: Send, at: Callable[[], float] = time.time) -> tuple[int, int]:
    """Send due messages, one process at a time; return how many were sent and how many were refused.

    Args:
        kept: the file of saved searches.
        send: sends a message; raises ``NotSentError`` if the recipient did not accept it. Any exception postpones
            that message only.
        at: returns the time in seconds.
    """
    if not kept.begun:
        return 0, 0
    sent = refused = 0
    try:
        with kept.sender():
            for message, attempts, due in _due(kept, at()):
                if not kept.claim(message.id, due, at() + _CLAIMED_S):
                    continue
                try:
                    send(message)
                except Exception as error:  # must not stop the other messages
                    refused += 1
                    problem = str(error) if isinstance(error, BaowenError) else f"{type(error).__name__}: {error}"
                    _put_off(kept, message, attempts, problem, at())
                else:
                    _settle(kept, message.id, "sent")
                    sent += 1
    except Timeout:
        return 0, 0
    return sent, refused


def _due(kept: Kept, moment: float) -> list[tuple[Message, int, float]]:
    searches = {search.id: search for search in kept.searches()}
    with kept.opened() as database:
        rows = database.execute(
            "SELECT id, search, channel, target, articles, created, attempts, due FROM messages "
            "WHERE state = 'waiting' AND due <= ? ORDER BY created, rowid",
            (moment,),
        ).fetchall()
    return [
        (Message(identity, searches[search], channel, target, tuple(json.loads(articles)), created), attempts, due)
        for identity, search, channel, target, articles, created, attempts, due in rows
        if search in searches
    ]


def _settle(kept: Kept, identity: str, state: str, problem: str = "") -> None:
    with kept.opened() as database:
        database.execute("UPDATE messages SET state = ?, problem = ? WHERE id = ?", (state, problem[:500], identity))


def _put_off(kept: Kept, message: Message, attempts: int, problem: str, moment: float) -> None:
    log.warning("提醒没有送到 %s，以后再试 (not delivered, will try again later): %s", message.channel, problem)
    if attempts >= len(_DELAYS_S):
        _settle(kept, message.id, "given up", problem)
        return
    with kept.opened() as database:
        database.execute(
            "UPDATE messages SET attempts = ?, due = ?, problem = ? WHERE id = ?",
            (attempts + 1, moment + _DELAYS_S[attempts], problem[:500], message.id),
        )
