"""Turn positions on a page into blocks in reading order, with their places."""
