"""What a device holds: what its bitstream fixes, and how a network lies in its flash."""
