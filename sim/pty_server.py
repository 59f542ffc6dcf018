"""A simulated accelerator behind a pseudo-terminal: programs see a serial port."""

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable

from thresh.layout.link_device import LinkDevice

IDLE_SECONDS = 0.01
"""Between two looks at a device that may send on its own."""

EAGER_SECONDS = 2.0
"""After a question, how long such a device is looked at without pause while it owes an answer."""

STUCK_SECONDS = 1.0
"""How long an answer waits for a program that does not read before it is lost."""


class PtyServer:
    """Pumps bytes between a pseudo-terminal and a device in a thread; a context manager.

    Parameters
    ----------
    device : LinkDevice
        With ``receive(bytes) -> bytes`` and optionally ``poll() -> bytes``, both called from one
        thread.

    Attributes
    ----------
    path : str
        What a program opens as its serial port.

    Raises
    ------
    ValueError
        On systems without pseudo-terminals.
    """

    def __init__(self, device: LinkDevice) -> None:
        try:
            import pty
            import tty
        except ImportError as error:
            raise ValueError(
                "This system has no pseudo-terminals: serve the simulated accelerator on Linux, "
                "macOS or WSL"
            ) from error
        self.device = device
        self.failure: BaseException | None = None
        self._poll: Callable[[], bytes] | None = getattr(device, "poll", None)
        self._line, self._port = pty.openpty()
        tty.setraw(self._port)
        os.set_blocking(self._line, False)
        self.path = os.ttyname(self._port)
        self._stopped, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._run, name="pty-server", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._pump()
        except BaseException as error:
            self.failure = error

    def _pump(self) -> None:
        eager_until = 0.0
        while True:
            wait = None
            if self._poll:
                wait = 0.0 if time.monotonic() < eager_until else IDLE_SECONDS
            ready, _, _ = select.select([self._line, self._stopped], [], [], wait)
            if self._stopped in ready:
                return
            answer = b""
            if self._line in ready:
                answer = self.device.receive(os.read(self._line, 4096))
                eager_until = time.monotonic() + EAGER_SECONDS
            if self._poll:
                answer += self._poll()
            if answer:
                eager_until = 0.0 if answer.endswith(b"\xc0") else eager_until
                self._send(answer)

    def _send(self, data: bytes) -> None:
        deadline = time.monotonic() + STUCK_SECONDS
        while data and (left := deadline - time.monotonic()) > 0:
            ready, writable, _ = select.select([self._stopped], [self._line], [], left)
            if ready:
                return
            if writable:
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self._line, data) :]

    def wait(self) -> None:
        """Serve until `close` or until the device fails, whose exception is raised."""
        while self._thread.is_alive():
            self._thread.join(0.2)
        if self.failure:
            raise self.failure

    def close(self) -> None:
        """Stop serving; the port disappears."""
        if self._stop >= 0:
            os.write(self._stop, b"x")
            self._thread.join(5)
            for handle in (self._line, self._port, self._stopped, self._stop):
                os.close(handle)
            self._stop = -1

    def __enter__(self) -> "PtyServer":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def serve(device: LinkDevice, announce: Callable[[str], None] = print) -> None:
    """Serve ``device`` until interrupted from the keyboard.

    Parameters
    ----------
    device : LinkDevice
    announce : callable
        Called once with the path that programs open.
    """
    with PtyServer(device) as server, contextlib.suppress(KeyboardInterrupt):
        announce(server.path)
        server.wait()
