"""Opens a server's state: in its own files, or in the database that several servers share."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from index.config import Settings
from rag.serving.database import Database, opened
from rag.serving.fair_queue import FairQueue

from ..access.login import Passwords
from ..history.conversations import Conversations
from ..history.history import History
from ..history.shared_history import SharedHistory


def shared_database(settings: Settings) -> Database | None:
    """Open the configured database; None if there is none.

    Raises:
        BaowenError: the database cannot be opened.
    """
    return opened(settings.database.get_secret_value()) if settings.database else None


def open_conversations(settings: Settings, database: Database | None) -> Conversations:
    """Open the history, in the database or in its file.

    Raises:
        BaowenError: the file cannot be opened.
    """
    return SharedHistory(database) if database else History(settings.history)


def open_people(file: Path | None, database: Database | None) -> Passwords | None:
    """Open the people of a password file, otherwise those of the database; None if there are none."""
    if file is not None or database is None:
        return Passwords(file) if file else None
    from ..access.shared_people import SharedPasswords

    shared = SharedPasswords(database)
    return shared if shared.names else None


def open_queue(settings: Settings, database: Database | None) -> FairQueue:
    """Open the queue for the language model, shared by all servers if they use one model server."""
    options = settings.generator
    if options.url is None:
        return FairQueue()
    if database is None:
        return FairQueue(options.at_once)
    from rag.serving.shared_queue import SharedQueue

    server = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[-64:]
    return SharedQueue(database, options.url, server, options.at_once)
