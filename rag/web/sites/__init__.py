"""Served archives with their history and rights, adding of issues, and storage of the server's state."""
