"""From where things stand on a page to blocks in reading order, with their places."""
