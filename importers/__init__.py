"""Networks of other frameworks, read, proven against their source, and written back."""
