"""PyTorch: state dicts and modules."""
