"""Scoring retrieval and answers on questions whose answers are known."""
