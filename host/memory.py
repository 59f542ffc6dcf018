"""An accelerator's memories over the link: who it is, and words in and out."""

from collections.abc import Callable

import numpy as np

from thresh.layout.link import (
    MAX_READ_WORDS,
    PACKET_OVERHEAD,
    WRITE_OVERHEAD,
    Command,
    Region,
    checksum,
    commit_payload,
    word_bytes,
)

from .errors import LinkError
from .exchange import Exchange
from .identity import Identity, parse_identity


class MemoryClient:
    """Reaches the memories, whatever network is in them.

    Parameters
    ----------
    exchange : Exchange
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._identity: Identity | None = None
        self._written = 0

    def identify(self) -> Identity:
        """Who answers; also the first thing that any other method does.

        Raises
        ------
        LinkError
            When nobody answers, or something that this program cannot talk to.
        """
        self._identity = parse_identity(self.exchange.identify())
        return self._identity

    @property
    def identity(self) -> Identity:
        """What `identify` found, asking once."""
        return self._identity or self.identify()

    def commit(self, complete: bool) -> None:
        """Declare the network in the memories incomplete, or, after what this client has written
        since then, complete.

        Raises
        ------
        LinkError
            When something else was written than this client sent.
        """
        payload = commit_payload(complete, self._written)
        self.exchange.ask(Command.COMMIT, payload, what="a commit of the network")
        if not complete:
            self._written = 0

    def write(
        self,
        region: Region,
        address: int,
        words: np.ndarray,
        advance: Callable[[int], None] | None = None,
    ) -> None:
        """Write whole words, as many per packet as fit.

        Parameters
        ----------
        region : Region
        address : int
            First word.
        words : ndarray of uint8
            Bytes of whole words, any shape.
        advance : callable, optional
            Called with the bytes of every packet.
        """
        geometry = self.identity.geometry
        size = word_bytes(region, geometry)
        data = words.tobytes()
        count = (geometry.packet_bytes - PACKET_OVERHEAD - WRITE_OVERHEAD) // size
        for at in range(0, len(data), count * size):
            chunk = data[at : at + count * size]
            payload = bytes((region,)) + (address + at // size).to_bytes(2, "little") + chunk
            self.exchange.ask(Command.WRITE, payload, what=f"a write of {region.name.lower()}")
            self._written = checksum(payload, self._written)
            if advance:
                advance(len(chunk))

    def read(
        self,
        region: Region,
        address: int,
        count: int,
        advance: Callable[[int], None] | None = None,
    ) -> np.ndarray:
        """Words of a memory, uint8 of shape (count, bytes per word)."""
        geometry = self.identity.geometry
        size = word_bytes(region, geometry)
        most = min(MAX_READ_WORDS, (geometry.packet_bytes - PACKET_OVERHEAD) // size)
        what = f"a read of {region.name.lower()}"
        data = b""
        for at in range(0, count, most):
            now = min(most, count - at)
            head = bytes((region,)) + (address + at).to_bytes(2, "little")
            answer = self.exchange.ask(Command.READ, head + bytes((now,)), what=what)
            if len(answer) != now * size:
                raise LinkError(f"The answer to {what} has {len(answer)} bytes, not {now * size}")
            data += answer
            if advance:
                advance(len(answer))
        return np.frombuffer(data, np.uint8).reshape(count, size)
