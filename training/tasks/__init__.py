"""The tasks whose figures are published, and how they are trained."""
