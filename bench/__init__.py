"""Measurements: every published figure, and the pages that show them."""
