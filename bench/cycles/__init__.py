"""What networks cost in cycles of the simulated gateware."""
