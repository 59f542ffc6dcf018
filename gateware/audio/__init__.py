"""From a microphone's pins to features, and from scores to a word."""
