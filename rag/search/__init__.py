"""Search that finds everything: hits in order, counts, lists to take along, and counting questions."""
