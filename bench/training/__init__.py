"""Training with every technique: accuracy, savings and speed."""
