"""The thresh command."""
