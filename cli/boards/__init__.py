"""The commands about boards: which there are, what fits them, what is built and written."""
