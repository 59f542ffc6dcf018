"""A device that hears, behind a serial port."""

import time
from collections import deque
from collections.abc import Callable, Iterator

from thresh.layout.device_link import (
    PROTOCOL,
    FrameReport,
    Heard,
    Identity,
    Message,
    MessageReader,
    identify,
    listen,
    set_threshold,
)

from .errors import LinkError
from .transport import Transport

ATTEMPTS = 3
"""Times that a command is sent before the device is said to be silent."""

LOW_BITS = 1 << 8
"""A message tells a frame's number modulo this."""


class DeviceClient:
    """Asks a device and takes what it says.

    Parameters
    ----------
    transport : Transport
        At `thresh.layout.device_link.BAUD`.
    timeout : float
        Seconds to wait for an answer before asking again.

    """

    def __init__(self, transport: Transport, *, timeout: float = 1.0) -> None:
        self.transport, self.timeout = transport, timeout
        self._reader = MessageReader()
        self._waiting: deque[Message] = deque()

    @property
    def noise(self) -> int:
        """Bytes passed over so far that belong to no message."""
        return self._reader.noise

    def identify(self) -> Identity:
        """Who is on the line.

        Raises
        ------
        LinkError
            When nothing answers, or a device of another protocol does.
        """
        found = self._ask(identify())
        if found.protocol != PROTOCOL:
            raise LinkError(
                f"The device speaks version {found.protocol} of its line, this release {PROTOCOL}"
            )
        return found

    def listen(self, on: bool) -> None:
        """Turn frame reports on, which begins a sequence at frame 0, or off.

        Raises
        ------
        LinkError
            When nothing answers.
        """
        self._ask(listen(on), forget=True)

    def set_threshold(self, label: int, threshold: int) -> None:
        """Set a class's threshold until the power ends.

        Raises
        ------
        ValueError
            When either has no room.
        LinkError
            When nothing answers.
        """
        self._ask(set_threshold(label, threshold))

    def heard(self, keep_on: Callable[[], bool]) -> Iterator[Heard | FrameReport]:
        """Frame reports and announcements as they come, while ``keep_on``."""
        while keep_on():
            if not self._waiting:
                self._waiting.extend(self._reader.feed(self.transport.read(self.timeout / 4)))
            while self._waiting:
                message = self._waiting.popleft()
                if isinstance(message, Heard | FrameReport):
                    yield message
                    break

    def _ask(self, command: bytes, *, forget: bool = False) -> Identity:
        """The identity that answers ``command``; what came before it is kept, or not."""
        for _ in range(ATTEMPTS):
            self.transport.write(command)
            end = time.monotonic() + self.timeout
            while (left := end - time.monotonic()) > 0:
                messages = self._reader.feed(self.transport.read(left))
                for place, message in enumerate(messages):
                    if isinstance(message, Identity):
                        if forget:
                            self._waiting.clear()
                        self._waiting.extend(messages[place + 1 :])
                        return message
                    self._waiting.append(message)
        raise LinkError(
            f"Nothing answers as a device that hears, asked {ATTEMPTS} times: is it the right "
            f"port, and has the board a device's bitstream?"
        )


class FrameCounter:
    """Numbers of a sequence's frames from their low bits.

    Attributes
    ----------
    lost : int
        Frames that were left out so far.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._next = 0

    def number(self, report: FrameReport) -> int:
        """The frame's number in its sequence; a gap of `LOW_BITS` frames or more is not seen."""
        gap = (report.frame - self._next) % LOW_BITS
        self.lost += gap
        self._next += gap + 1
        return self._next - 1
