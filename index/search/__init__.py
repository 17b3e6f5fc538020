"""Exact search for articles: the query language, its compiler, and the character lists that are searched."""
