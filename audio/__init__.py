"""From a microphone's bits to a network's inputs, and from its outputs to a decision."""
