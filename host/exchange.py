"""One question, one answer, over a line that may drop, repeat and corrupt bytes."""

import secrets
import time

from thresh.layout.link import (
    ERROR,
    NONCE_BYTES,
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
    Answers to other packets are ignored, and those to another host are damaged for this one.

    Parameters
    ----------
    transport : Transport
    timeout : float
        Seconds to wait for an answer before asking again.
    attempts : int
        Times a packet is sent before giving up.
    nonce : int, optional
        From 1 to 65535, what tells this host from others; drawn by lot unless given.
    """

    def __init__(
        self,
        transport: Transport,
        timeout: float = 1.0,
        attempts: int = 8,
        nonce: int | None = None,
    ) -> None:
        if timeout <= 0 or attempts < 1:
            raise ValueError(
                f"timeout and attempts must be positive, not {timeout!r} and {attempts!r}"
            )
        self.transport = transport
        self.timeout = timeout
        self.attempts = attempts
        self.repeated = 0
        self.nonce = secrets.randbelow((1 << 8 * NONCE_BYTES) - 1) + 1 if nonce is None else nonce
        self._sequence = 0
        self._taken_in: int | None = None  # of the nonce by the device, once it was identified
        self._refused = False
        self._collector = PacketCollector(LONGEST_ANSWER)

    def identify(self) -> bytes:
        """The payload of IDENTIFY's answer; from here on the device listens to this host alone.

        A device of version 1 refuses the nonce, and answers an IDENTIFY without one.

        Raises
        ------
        LinkError
            When no whole answer comes.
        """
        self._taken_in = self.nonce
        try:
            return self.ask(Command.IDENTIFY, self.nonce.to_bytes(NONCE_BYTES, "little"))
        except RefusedError as refusal:
            if refusal.code != Fault.LENGTH:
                raise
        self._taken_in = 0
        return self.ask(Command.IDENTIFY)

    def ask(self, command: Command, payload: bytes = b"", *, what: str = "") -> bytes:
        """The payload of the answer to ``command``, behind an `identify` if there was none.

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
        plain = command == Command.IDENTIFY
        if self._taken_in is None and not plain:
            self.identify()
        self._sequence = (self._sequence + 1) % 256
        question = packet(self._sequence, command, payload, 0 if plain else self._taken_in or 0)
        silent, taken = True, 0
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
                taken += damaged and self._refused
            if answer is not None:
                return answer
        if silent:
            raise LinkError(
                f"No answer to {what} after {self.attempts} attempts of {self.timeout:g} s: is it "
                f"the right port, and is the accelerator configured?"
            )
        if taken == self.attempts:
            raise LinkError(
                f"The accelerator takes no packet of this program for {what}: another program "
                f"uses it, or it was restarted; connect to it again"
            )
        raise LinkError(
            f"No whole answer to {what} after {self.attempts} attempts: the line damages what it "
            f"carries, or something else than an accelerator answers"
        )

    def _answer(self, data: bytes, command: Command, what: str) -> tuple[bytes | None, bool]:
        """The answer's payload if it is in ``data``, and whether something arrived damaged."""
        damaged = self._refused = False
        for body in self._collector.feed(data):
            parts = self._check(body, command) if body is not None else None
            if parts is None or parts[1] == ERROR | Fault.PACKET:
                damaged, self._refused = True, parts is not None
                continue
            sequence, status, payload = parts
            if sequence != self._sequence:
                continue
            if status == command | REPLY:
                return payload, False
            if status & 0xF0 == ERROR:
                raise RefusedError(what, status & 0x0F)
        return None, damaged

    def _check(self, body: bytes, command: Command) -> tuple[int, int, bytes] | None:
        """As `thresh.layout.link.check`; a refusal may be plain."""
        parts = check(body, self._taken_in or 0)
        if parts is None and (plain := check(body)) is not None:
            refused = plain[1] & 0xF0 == ERROR and command == Command.IDENTIFY
            parts = plain if refused or plain[1] == ERROR | Fault.PACKET else None
        return parts
