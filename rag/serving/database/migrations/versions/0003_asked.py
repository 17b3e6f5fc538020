"""The questions asked through any interface, for counting; existing questions of the chat are included."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table with a row for each existing turn."""
    op.create_table(
        "asked",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("archive", sa.String(64), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("person", sa.String(256), nullable=False, index=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("ms", sa.Float),
        sa.Column("waited", sa.Float),
    )
    op.create_index("asked_archive", "asked", ["archive", "at"])
    op.execute(
        "INSERT INTO asked (archive, at, person, outcome, ms) SELECT archive, asked, person, kind, ms FROM turns"
    )
