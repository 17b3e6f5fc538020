"""Where articles, passages and vectors are kept: snapshots that are published whole and never changed."""
