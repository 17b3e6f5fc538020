"""Saved searches with alerts about new hits, and collections of reports with notes."""
