"""Exhaustive search: all hits in order, facet counts, exports, and counting questions."""
