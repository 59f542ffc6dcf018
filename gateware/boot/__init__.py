"""What starts a device from power alone and lets its core sleep."""
