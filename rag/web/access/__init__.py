"""Who somebody is, what they may, and how much of it: passwords, keys, sessions, rights."""
