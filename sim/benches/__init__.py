"""Benches of cocotb, which run inside the simulator."""
