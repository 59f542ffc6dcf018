"""Clocks and resources of synthesised and routed designs."""
