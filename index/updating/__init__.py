"""What an update changes: files against what the archive was built from, names of folders, later texts."""
