"""Ways to an accelerator: bytes out, bytes in."""

import contextlib
import errno
import re
from typing import Any, Protocol

try:
    import fcntl
    import termios
except ImportError:  # Windows opens a port for one program by itself
    termios = None  # type: ignore[assignment]

import serial

from thresh.layout.link import DEFAULT_BAUD
from thresh.layout.link_device import LinkDevice

from .errors import LinkError

BREAK_SECONDS = 0.005
"""How long a break lasts: `thresh.layout.link.BREAK_BITS` bit times from 4,000 baud on."""

PSEUDO = "/dev/pts/"
"""Where Linux has pseudo-terminals."""

TerminalError: type[Exception] = OSError if termios is None else termios.error
"""What a terminal that is gone raises beside `OSError`."""


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

    A port that is opened here gets a serial break, where it can, so that nothing is left at the
    other end of what another program began to say.

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
        """Close the port; one that is lost already is closed as well."""
        with contextlib.suppress(OSError, TerminalError):
            _claim(self._port, self.name, "TIOCNXCL")
            self._port.close()

    @contextlib.contextmanager
    def _said(self) -> Any:
        try:
            yield
        except (OSError, TerminalError) as error:
            raise LinkError(f"The serial port {self.name} was lost: {_reason(error)}") from error

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
    with contextlib.suppress(OSError):
        _claim(port, name, "TIOCEXCL")
    # USB adapters otherwise hold short answers back for 16 ms.
    with contextlib.suppress(OSError, ValueError, AttributeError, NotImplementedError):
        port.set_low_latency_mode(True)
    with contextlib.suppress(OSError, ValueError, NotImplementedError, TerminalError):
        port.send_break(BREAK_SECONDS)
    return port


def _claim(port: Any, name: str, request: str) -> None:
    """Have a port for this program alone (``TIOCEXCL``), or no more (``TIOCNXCL``).

    Other programs of Thresh see the lock that ``exclusive`` takes; this one stops every program.
    A pseudo-terminal would keep it after this program's end.
    """
    if termios is not None and isinstance(port, serial.Serial) and not name.startswith(PSEUDO):
        fcntl.ioctl(port.fileno(), getattr(termios, request))


def _reason(error: Exception) -> str:
    """Why the system lost a port, in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = re.sub(r"\[Errno \d+\] ", "", str(error.args[-1] if error.args else error))
    text = re.sub(r"\(\d+, '([^']*)'\)", r"\1", text)
    return "nothing is connected, or another program reads it too" if "multiple" in text else text


def _windows_reason(error: Exception) -> int | None:
    """What Windows said, which pyserial has in words; a port that is open elsewhere is denied."""
    reasons = {"FileNotFoundError(": errno.ENOENT, "PermissionError(13": errno.EBUSY}
    return next((number for words, number in reasons.items() if words in str(error)), None)


def _why(name: str, baud: int, error: Exception) -> str:
    number = getattr(error, "errno", None) or _windows_reason(error)
    if number == errno.ENOENT:
        return f"There is no serial port {name}: is the board connected?"
    if number in (errno.EACCES, errno.EPERM):
        return f"No permission to open {name}: your user must be in its group, often dialout"
    if number == errno.EBUSY or "exclusively lock" in str(error):
        return f"The serial port {name} is in use by another program"
    return f"The serial port {name} cannot be opened at {baud} baud: {error}"
