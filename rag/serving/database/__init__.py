"""The database that several servers share: conversations, people, saved searches, and the queue for the model."""

from .connecting import Database, DatabaseError, opened

__all__ = ["Database", "DatabaseError", "opened"]
