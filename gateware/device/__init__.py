"""A device that hears: everything between the pins of a microphone, a flash, a line and LEDs."""
