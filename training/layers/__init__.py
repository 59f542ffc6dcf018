"""PyTorch delta layers: encoding, time loops, formats, thresholds, export."""
