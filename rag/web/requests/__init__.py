"""What is known of a request before anything is asked of it: the path it came by, its size, who may send it."""
