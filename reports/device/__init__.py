"""What a device heard: live in a terminal, as figures and as a page."""
