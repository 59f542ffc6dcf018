"""The recipe of the shipped digits network."""
