"""Conversations and their names, secrets, people, and the queue for the language model."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "turns",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("archive", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(128), nullable=False),
        sa.Column("person", sa.String(256), nullable=False),
        sa.Column("asked", sa.String(40), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ms", sa.Float),
        sa.Column("snapshot", sa.String(128), nullable=False),
        sa.Column("liked", sa.Boolean),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("turns_conversation", "turns", ["person", "conversation", "archive"])
    op.create_index("turns_archive", "turns", ["archive", "asked"])
    op.create_table(
        "names",
        sa.Column("conversation", sa.String(128), primary_key=True),
        sa.Column("person", sa.String(256), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(128), nullable=False),
    )
    op.create_table(
        "people",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("hash", sa.String(128), nullable=False),
    )
    op.create_table(
        "waiting",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("model", sa.String(512), nullable=False, index=True),
        sa.Column("server", sa.String(64), nullable=False),
        sa.Column("person", sa.String(256), nullable=False),
        sa.Column("served", sa.Boolean, nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
    )
