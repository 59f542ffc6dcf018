"""The one trainer: what is trained for what, in which stages, and what comes of it."""
