"""PyTorch delta layers, data sets and recipes."""
