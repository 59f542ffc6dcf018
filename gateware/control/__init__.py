"""What runs a step: layer table, layer walker, new sequences, counters, and access from outside."""
