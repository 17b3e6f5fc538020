"""Follows a matter over time: earlier and later reports, reprints with their changes, comparison of searches."""
