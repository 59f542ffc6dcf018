"""The whole device: what is seen of it on its way from bits to words, golden and simulated."""
