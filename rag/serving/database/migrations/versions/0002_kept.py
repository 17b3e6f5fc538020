"""Ended logins, saved searches and collections, and corrections made by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "ended",
        sa.Column("login", sa.String(64), primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
    )
    _searches()
    _collections()
    op.create_table(
        "edits",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("archive", sa.Text, nullable=False, index=True),
        sa.Column("time", sa.String(40), nullable=False),
        sa.Column("who", sa.String(256), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("undoes", sa.Integer, unique=True),
    )


def _searches() -> None:
    op.create_table(
        "searches",
        sa.Column("rowid", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("person", sa.String(256), nullable=False, index=True),
        sa.Column("archive", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.Column("feed", sa.String(64), unique=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("webhook", sa.Text, nullable=False),
        sa.Column("snapshot", sa.String(128)),
    )
    op.create_table(
        "seen",
        sa.Column("search", sa.String(32), primary_key=True),
        sa.Column("article", sa.Text, primary_key=True),
    )
    op.create_table(
        "messages",
        sa.Column("rowid", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("search", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("articles", sa.Text, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due", sa.Double, nullable=False, server_default="0"),
        sa.Column("state", sa.String(16), nullable=False, server_default="waiting"),
        sa.Column("problem", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("messages_state", "messages", ["state", "due"])


def _collections() -> None:
    op.create_table(
        "collections",
        sa.Column("rowid", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("person", sa.String(256), nullable=False, index=True),
        sa.Column("archive", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
    )
    op.create_table(
        "collected",
        sa.Column("collection", sa.String(32), primary_key=True),
        sa.Column("article", sa.Text, primary_key=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("added", sa.String(40), nullable=False),
    )
