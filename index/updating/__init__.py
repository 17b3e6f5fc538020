"""What an update changes: new and changed files, folder names, later versions of texts."""
