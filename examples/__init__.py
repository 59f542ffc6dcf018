"""Networks and clips that ship with the project."""
