"""From values to events: delta encoder, sieve and nonzero queue."""
