"""A question understood once: follow-ups rewritten so that they stand by themselves."""
