"""Saved searches, and being told when a publication brings them new hits; collections of reports with notes."""
