"""Integers and thresholds chosen on recorded sequences: calibration, search, scores."""
