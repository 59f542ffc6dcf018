"""Shells: the core behind the ports that other people's designs have."""
