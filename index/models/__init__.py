"""Models that run beside the sentence model."""
