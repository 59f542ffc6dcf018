"""The serial link: bytes, packets, commands and answers."""
