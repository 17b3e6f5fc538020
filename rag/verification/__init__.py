"""Whether the newspaper supports what is said: evidence, typed claims, verdicts."""
