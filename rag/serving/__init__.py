"""Serves many readers with one language model: queueing, workers and cancellation."""
