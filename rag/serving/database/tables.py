"""The tables of the shared database after the newest migration."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

# ``number`` gives the order of writing, independent of the servers' clocks.
turns = Table(
    "turns",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("archive", String(64), nullable=False),
    Column("conversation", String(128), nullable=False),
    Column("person", String(256), nullable=False),
    Column("asked", String(40), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("ms", Float),
    Column("snapshot", String(128), nullable=False),
    Column("liked", Boolean),
    Column("reason", Text, nullable=False, server_default=""),
    Index("turns_conversation", "person", "conversation", "archive"),
    Index("turns_archive", "archive", "asked"),
)
# The questions for counting, without their text.
asked = Table(
    "asked",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("archive", String(64), nullable=False),
    Column("at", String(40), nullable=False),
    Column("person", String(256), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("ms", Float),
    Column("waited", Float),
    Index("asked_archive", "archive", "at"),
)
names = Table(
    "names",
    metadata,
    Column("conversation", String(128), primary_key=True),
    Column("person", String(256), primary_key=True),
    Column("name", Text, nullable=False),
)
secrets = Table(
    "secrets", metadata, Column("name", String(64), primary_key=True), Column("value", String(128), nullable=False)
)
people = Table(
    "people", metadata, Column("name", String(64), primary_key=True), Column("hash", String(128), nullable=False)
)
ended = Table("ended", metadata, Column("login", String(64), primary_key=True), Column("at", Integer, nullable=False))
# Saved searches (rag/alerts/kept.py); ``rowid`` gives the order of writing, as in every SQLite table.
searches = Table(
    "searches",
    metadata,
    Column("rowid", Integer, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("person", String(256), nullable=False, index=True),
    Column("archive", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created", String(40), nullable=False),
    Column("feed", String(64), unique=True),
    Column("email", Text, nullable=False),
    Column("webhook", Text, nullable=False),
    Column("snapshot", String(128)),
)
seen = Table(
    "seen", metadata, Column("search", String(32), primary_key=True), Column("article", Text, primary_key=True)
)
messages = Table(
    "messages",
    metadata,
    Column("rowid", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("search", String(32), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("target", Text, nullable=False),
    Column("articles", Text, nullable=False),
    Column("created", String(40), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due", Double, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False, server_default="waiting"),
    Column("problem", Text, nullable=False, server_default=""),
    Index("messages_state", "state", "due"),
)
collections = Table(
    "collections",
    metadata,
    Column("rowid", Integer, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("person", String(256), nullable=False, index=True),
    Column("archive", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("created", String(40), nullable=False),
)
collected = Table(
    "collected",
    metadata,
    Column("collection", String(32), primary_key=True),
    Column("article", Text, primary_key=True),
    Column("note", Text, nullable=False),
    Column("added", String(40), nullable=False),
)
# Corrections made by hand (index/overlay); entries are only added, never changed.
edits = Table(
    "edits",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("archive", Text, nullable=False, index=True),
    Column("time", String(40), nullable=False),
    Column("who", String(256), nullable=False),
    Column("action", String(64), nullable=False),
    Column("details", Text, nullable=False),
    Column("undoes", Integer, unique=True),
)
# The queue for each language model, including those being served; ``seen`` is in seconds on the database's clock.
waiting = Table(
    "waiting",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("model", String(512), nullable=False, index=True),
    Column("server", String(64), nullable=False),
    Column("person", String(256), nullable=False),
    Column("served", Boolean, nullable=False),
    Column("seen", Float, nullable=False),
)
