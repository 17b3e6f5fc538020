"""Understands a question: its follow-up context, dates and answer type."""
