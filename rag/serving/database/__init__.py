"""The database that several servers share: conversations, people and the line for the language model."""

from .connecting import Database, DatabaseError

__all__ = ["Database", "DatabaseError"]
