"""The database that several servers share: conversations, people, what they keep, and the line for the model."""

from .connecting import Database, DatabaseError, opened

__all__ = ["Database", "DatabaseError", "opened"]
