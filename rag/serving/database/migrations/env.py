"""Alembic runs this with the connection of ``connecting.Database``, inside its transaction."""

from alembic import context

from rag.serving.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
