"""Small parts that any block may use."""
