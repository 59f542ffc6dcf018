"""Where recordings come from, how they are read, and how they are varied."""
