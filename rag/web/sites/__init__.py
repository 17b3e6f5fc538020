"""What is served: an archive with its history and rights, where issues are added, where state is kept."""
