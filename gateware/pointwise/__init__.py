"""From sums to new state: delta memory, activations, gates, and the program that orders them."""
