"""What is new for a saved search becomes messages, in one step; messages are sent until the other side takes them.

A hit is told once: that it was seen, and the message that tells it, are written in one transaction, and a message keeps
its id and its hits whenever it is tried again. A sender that is killed after the other side took a message, and before
that is noted, sends it once more under the same id (Message-ID, Idempotency-Key), by which the other side knows it.
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

_DELAYS_S = (60, 300, 1800, 7200, 6 * 3600, 24 * 3600)  # after a message was refused; then it is given up
_CLAIMED_S = 600.0  # in which one of several servers sends a message before another tries
_IN_ONE = 50  # hits of one message; more are told by their number

Send = Callable[["Message"], None]


@dataclass(frozen=True)
class Message:
    """New hits of a search on their way; ``channel``: email or webhook; ``articles``: their ids, newest first."""

    id: str
    search: SavedSearch
    channel: str
    target: str
    articles: tuple[str, ...]
    created: str

    @property
    def told(self) -> tuple[str, ...]:
        """The articles that are listed."""
        return self.articles[:_IN_ONE]


class Searchable(Protocol):
    """An opened archive, as ``rag.browsing.Browsing``: what is told is what its readers find."""

    @property
    def store(self) -> Store:
        """Its published state."""

    def search_all(self, query: str, sort: str = "relevance") -> Hits:
        """Every article that a query fits."""


class NotSentError(BaowenError):
    """The other side did not take a message; it is tried again later."""


def gather(kept: Kept, archive: Searchable, may: Callable[[SavedSearch], bool], name: str = "") -> int:
    """Look what the published state of an archive has that is new for its searches; how many messages that makes.

    Args:
        kept: the file.
        archive: where to look.
        may: whether whoever keeps a search may still read the archive.
        name: the archive's, where a server has several.
    """
    made, snapshot = 0, archive.store.snapshot
    for search in kept.searches(archive=name):
        if search.snapshot == snapshot or not may(search):
            continue
        try:
            hits = archive.search_all(search.query, "newest")
            found = hits.ids
        except BaowenError as error:  # one search that fails stops no other
            log.warning("保存的检索“%s”查不了 (a saved search fails): %s", search.name, error)
            continue
        made += _noted(kept, search, hits.snapshot, found)
    return made


def _noted(kept: Kept, search: SavedSearch, snapshot: str, found: Sequence[str]) -> int:
    """Note what was found, and the messages that tell what is new of it."""
    with kept.opened(alone=True) as database:
        held = database.execute("SELECT snapshot FROM searches WHERE id = ?", (search.id,)).fetchone()
        if held is None or held[0] != search.snapshot:  # dropped meanwhile, or another process was quicker
            return 0
        seen = {row[0] for row in database.execute("SELECT article FROM seen WHERE search = ?", (search.id,))}
        new = [identity for identity in found if identity not in seen]
        kept.see(database, search.id, new)
        database.execute("UPDATE searches SET snapshot = ? WHERE id = ?", (snapshot, search.id))
        told = [(c, t) for c, t in (("email", search.email), ("webhook", search.webhook)) if t]
        if search.snapshot is None or not new:  # None: saved by 0.2.0, which did not note what was there
            return 0
        rows = [(str(uuid.uuid4()), search.id, c, t, json.dumps(new), now()) for c, t in told]
        columns = "id, search, channel, target, articles, created"
        database.executemany(f"INSERT INTO messages ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        return len(rows)


def deliver(kept: Kept, send: Send, at: Callable[[], float] = time.time) -> tuple[int, int]:
    """Send what is due; how many messages were sent, and how many were refused. Each by one process at a time.

    Args:
        kept: the file.
        send: hands a message over; raises ``NotSentError`` where the other side did not take it. Whatever it raises
            puts off that message alone.
        at: the time, in seconds.
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
                except Exception as error:  # whatever it is, it stops no other message
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
    log.warning("提醒没有送到 %s，以后再试 (not taken, tried again later): %s", message.channel, problem)
    if attempts >= len(_DELAYS_S):
        _settle(kept, message.id, "given up", problem)
        return
    with kept.opened() as database:
        database.execute(
            "UPDATE messages SET attempts = ?, due = ?, problem = ? WHERE id = ?",
            (attempts + 1, moment + _DELAYS_S[attempts], problem[:500], message.id),
        )
