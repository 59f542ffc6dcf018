"""One question, one answer, over a line that may drop, repeat and corrupt bytes."""

import time

from thresh.layout.link import (
    ERROR,
    PACKET_OVERHEAD,
    REPLY,
    Command,
    Fault,
    PacketCollector,
    check,
    packet,
)
from thresh.model.layer_shape import MAX_UNITS

from .errors import LinkError, RefusedError
from .transport import Transport

LONGEST_ANSWER = 2 * MAX_UNITS + 512 + PACKET_OVERHEAD
"""Bytes of the longest answer that a device could send."""


class Exchange:
    """Sends a packet until its own answer comes back whole.

    A packet keeps its sequence number through every repetition, so the device executes it once.
    Answers to other packets are ignored.

    Parameters
    ----------
    transport : Transport
    timeout : float
        Seconds to wait for an answer before asking again.
    attempts : int
        Times a packet is sent before giving up.
    """

    def __init__(self, transport: Transport, timeout: float = 1.0, attempts: int = 8) -> None:
        if timeout <= 0 or attempts < 1:
            raise ValueError(
                f"timeout and attempts must be positive, not {timeout!r} and {attempts!r}"
            )
        self.transport = transport
        self.timeout = timeout
        self.attempts = attempts
        self.repeated = 0
        self._sequence = 0
        self._collector = PacketCollector(LONGEST_ANSWER)

    def ask(self, command: Command, payload: bytes = b"", *, what: str = "") -> bytes:
        """The payload of the answer to ``command``.

        Parameters
        ----------
        what : str
            The command in words, for errors.

        Raises
        ------
        RefusedError
            When the device answers with a fault.
        LinkError
            When no whole answer comes.
        """
        what = what or command.name.replace("_", " ").lower()
        self._sequence = (self._sequence + 1) % 256
        question = packet(self._sequence, command, payload)
        silent = True
        for attempt in range(self.attempts):
            self.repeated += attempt > 0
            self.transport.write(question)
            deadline = time.monotonic() + self.timeout
            answer: bytes | None = None
            damaged = False
            while answer is None and not damaged:
                left = deadline - time.monotonic()
                data = self.transport.read(left) if left > 0 else b""
                if not data:
                    break
                silent = False
                answer, damaged = self._answer(data, command, what)
            if answer is not None:
                return answer
        if silent:
            raise LinkError(
                f"No answer to {what} after {self.attempts} attempts of {self.timeout:g} s: is it "
                f"the right port, and is the accelerator configured?"
            )
        raise LinkError(
            f"No whole answer to {what} after {self.attempts} attempts: the line damages what it "
            f"carries, or something else than an accelerator answers"
        )

    def _answer(self, data: bytes, command: Command, what: str) -> tuple[bytes | None, bool]:
        """The answer's payload if it is in ``data``, and whether something arrived damaged."""
        damaged = False
        for body in self._collector.feed(data):
            parts = check(body) if body is not None else None
            if parts is None or parts[1] == ERROR | Fault.PACKET:
                damaged = True
                continue
            sequence, status, payload = parts
            if sequence != self._sequence:
                continue
            if status == command | REPLY:
                return payload, False
            if status & 0xF0 == ERROR:
                raise RefusedError(what, status & 0x0F)
        return None, damaged
