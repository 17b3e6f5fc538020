"""What brings the shared database from one version to the next, run by Alembic."""
