"""Export an archive's articles in common formats."""
