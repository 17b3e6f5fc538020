"""Exact search of articles: the query language, what it compiles to, and the lists of characters it is asked of."""
