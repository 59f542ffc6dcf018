"""The serial link from Python, and a self-test over it."""
