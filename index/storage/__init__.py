"""Storage of articles, passages and vectors: snapshots that are published as a whole and never changed."""
