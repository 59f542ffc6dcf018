"""Training on a user's own labelled sequences."""
