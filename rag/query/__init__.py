"""Understanding a question, once."""
