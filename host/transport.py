"""Ways to an accelerator: bytes out, bytes in."""

import contextlib
import errno
from typing import Any, Protocol

import serial

from thresh.layout.link import DEFAULT_BAUD
from thresh.layout.link_device import LinkDevice

from .errors import LinkError


class Transport(Protocol):
    """Anything a `thresh.host.client.Client` can talk through."""

    def write(self, data: bytes) -> None:
        """Send all of ``data``."""

    def read(self, timeout: float) -> bytes:
        """What has arrived, waiting up to ``timeout`` seconds for a first byte; empty after that.

        An empty answer means that the time is over.
        """

    def flush_input(self) -> None:
        """Forget what has arrived and was not read."""


class SerialTransport:
    """A serial port: a board's USB, any UART, or a pseudo-terminal; a context manager.

    Parameters
    ----------
    port : str or object
        Name such as ``/dev/ttyUSB1`` or ``COM3``, any URL that pyserial opens, or an open object
        with pyserial's ``write``, ``read``, ``timeout`` and ``in_waiting``.
    baud : int
        Bits per second; without effect on a pseudo-terminal.

    Raises
    ------
    LinkError
        When the port cannot be opened.
    """

    def __init__(self, port: str | Any, baud: int = DEFAULT_BAUD) -> None:
        self.name = port if isinstance(port, str) else str(getattr(port, "name", port))
        self._port = _open(port, baud) if isinstance(port, str) else port
        self.flush_input()

    def write(self, data: bytes) -> None:
        """Send all of ``data``."""
        with self._said():
            self._port.write(data)

    def read(self, timeout: float) -> bytes:
        """As `Transport.read`."""
        with self._said():
            self._port.timeout = timeout
            first: bytes = self._port.read(1)
            return first + self._port.read(self._port.in_waiting) if first else b""

    def flush_input(self) -> None:
        """As `Transport.flush_input`."""
        with self._said():
            if hasattr(self._port, "reset_input_buffer"):
                self._port.reset_input_buffer()

    def close(self) -> None:
        """Close the port."""
        self._port.close()

    @contextlib.contextmanager
    def _said(self) -> Any:
        try:
            yield
        except OSError as error:
            reason = error.strerror or error
            raise LinkError(f"The serial port {self.name} was lost: {reason}") from error

    def __enter__(self) -> "SerialTransport":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class DirectTransport:
    """Straight into a device; time is over as soon as nothing is left to read.

    Parameters
    ----------
    device : LinkDevice

    Attributes
    ----------
    arrived : bytes
        What the device answered and nobody read yet.
    """

    def __init__(self, device: LinkDevice) -> None:
        self.device = device
        self.arrived = b""

    def write(self, data: bytes) -> None:
        """Send all of ``data``."""
        self.arrived += self.device.receive(data)

    def read(self, timeout: float) -> bytes:
        """As `Transport.read`."""
        data, self.arrived = self.arrived, b""
        return data

    def flush_input(self) -> None:
        """As `Transport.flush_input`."""
        self.arrived = b""


def _open(name: str, baud: int) -> serial.SerialBase:
    try:
        port = serial.serial_for_url(name, baudrate=baud, exclusive=True, write_timeout=10)
    except (OSError, ValueError) as error:
        raise LinkError(_why(name, baud, error)) from error
    # USB adapters otherwise hold short answers back for 16 ms.
    with contextlib.suppress(OSError, ValueError, AttributeError, NotImplementedError):
        port.set_low_latency_mode(True)
    return port


def _why(name: str, baud: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        return f"There is no serial port {name}: is the board connected?"
    if number in (errno.EACCES, errno.EPERM):
        return f"No permission to open {name}: your user must be in its group, often dialout"
    if number == errno.EBUSY or "exclusively lock" in str(error):
        return f"The serial port {name} is in use by another program"
    return f"The serial port {name} cannot be opened at {baud} baud: {error}"
