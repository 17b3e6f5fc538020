"""What the language model reads, what it says, and the newspaper's own words where those are safer."""
