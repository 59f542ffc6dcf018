"""Networks of every source that is imported, written by their own frameworks."""
