"""Manual corrections, stored next to the snapshots, so that no build, rollback or renaming loses them."""
