"""What answers on the other side of a link that is in the same process."""

from typing import Protocol


class LinkDevice(Protocol):
    """An accelerator as a function of the bytes on its line.

    One that computes while time passes also has ``poll() -> bytes``, one that knows a break on its
    line ``restart()``.
    """

    def receive(self, data: bytes) -> bytes:
        """Take ``data`` from the line; what is sent back at once."""
