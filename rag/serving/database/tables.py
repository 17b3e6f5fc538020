"""The shared database's tables, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

# ``number`` is the order of writing, which no server's clock can upset.
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
# Who waits for a language model or is served by it; ``seen`` by the database's clock, in seconds.
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
