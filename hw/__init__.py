"""Boards: clocks, pins, memories, synthesis flow, fit and flashing."""
