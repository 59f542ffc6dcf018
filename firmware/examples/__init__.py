"""Programs on the C driver."""
