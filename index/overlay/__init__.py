"""What people have corrected by hand: kept beside the snapshots, so that no build, rollback or renaming loses it."""
