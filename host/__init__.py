"""The serial link from Python."""
