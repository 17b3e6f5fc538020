"""Access control: passwords, keys, sessions, rights and rate limits."""
