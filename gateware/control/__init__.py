"""What runs a step: layer table, new sequences, counters, and access from outside."""
