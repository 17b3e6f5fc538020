"""Serving many readers with one language model: who makes an answer, and how it is ended."""
