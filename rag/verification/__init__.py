"""Checks whether the newspaper supports a statement: evidence, typed claims, verdicts."""
