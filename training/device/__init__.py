"""Networks for a device that hears: what its microphone makes of recordings, and recipes."""
