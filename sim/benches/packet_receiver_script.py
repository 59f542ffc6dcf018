"""`PacketReceiver` as a script: the packets that the link's description in Python sees."""

import numpy as np

from thresh.layout.link import END, ESCAPE, PacketCollector, check, crc16, packet, slip_encode

from .script import Script

HELD_AFTER = 2
"""Cycles from an END to the packet it ends."""

READ_LATENCY = 2
"""Cycles from an address to its byte."""

AWKWARD = (0, 1, END, ESCAPE, 0xDC, 0xDD)
"""Bytes that are escaped, and those that escapes are made of."""


class ReceiverScript(Script):
    """Bytes in, and every packet compared with the collector's, read back and released.

    Parameters
    ----------
    limit : int
        Longest packet.
    random : numpy.random.Generator or None
        Cycles without a byte come between bytes, and a packet is held for some time.
    """

    def __init__(self, limit: int, random: np.random.Generator | None = None) -> None:
        super().__init__(i_valid=0, release=0)
        self.drive(-1, i_payload=0, read_address=0)
        self.limit = limit
        self.random = random
        self.collector = PacketCollector(limit)
        self.now = 0
        self.seen = {True: 0, False: 0}
        """Packets that were intact, and others."""

    def put(self, byte: int) -> None:
        """A byte in this cycle."""
        self.drive(self.now, i_valid=1, i_payload=byte)
        self.now += 1
        if self.random is not None:
            self.now += int(self.random.integers(0, 4))

    def feed(self, data: bytes) -> "ReceiverScript":
        """Bytes; a packet is read back and released before the next one comes."""
        for byte in data:
            end = self.now
            self.put(byte)
            bodies = self.collector.feed(bytes((byte,)))
            if not bodies:
                self.want(end + HELD_AFTER, held=0)
            for body in bodies:
                self.now = end + HELD_AFTER
                self.want(self.now - 1, held=0)
                self.packet(body)
        return self

    def packet(self, body: bytes | None) -> None:
        """A packet that is held from this cycle on; None when it is too long."""
        intact = body is not None and check(body) is not None
        self.seen[intact] += 1
        self.want(self.now, held=1, intact=intact)
        if self.random is not None:
            self.now += int(self.random.integers(0, 20))
        if intact and body is not None:
            self.want(self.now, length=len(body), sequence=body[0], command=body[1])
            if len(body) >= 8:
                address = body[3] | body[4] << 8
                self.want(self.now, region=body[2], address=address, count=body[5])
            for place, byte in enumerate(body):
                self.drive(self.now, read_address=place)
                self.want(self.now + READ_LATENCY, read_data=byte)
                self.now += 1
            self.now += READ_LATENCY
        self.want(self.now, held=1, intact=intact)
        self.drive(self.now, release=1)
        self.now += 1
        self.want(self.now, held=0)


def mixture(limit: int, random: np.random.Generator, *, gaps: bool, count: int) -> Script:
    """Whole, damaged and overlong packets full of bytes that are escaped."""
    script = ReceiverScript(limit, random if gaps else None)
    for _ in range(count):
        payload = random.choice(AWKWARD, random.integers(0, limit + 4)).astype(np.uint8)
        numbers = (int(random.integers(256)) for _ in range(2))
        sent = bytearray(packet(*numbers, bytes(payload)))
        if random.random() < 0.3:
            sent[random.integers(1, len(sent))] ^= 1 << int(random.integers(8))
        script.feed(bytes(sent))
    assert min(script.seen.values()) > count // 5, script.seen
    return script


def noise(limit: int, random: np.random.Generator, count: int) -> Script:
    """Anything, and a packet after it."""
    data = random.choice([END, ESCAPE, 0xDC, 0xDD, 0, 1, 2], count).astype(np.uint8)
    script = ReceiverScript(limit).feed(bytes(data) + packet(1, 2, b"abc"))
    assert script.seen[True] > 0
    return script


def longest(limit: int) -> Script:
    """The longest packet; a byte more is too long, though the CRC of what it follows was right."""
    script = ReceiverScript(limit)
    for size in (limit - 5, limit - 4, limit - 3):
        script.feed(packet(1, 2, bytes(size)))
    assert script.seen == {True: 2, False: 1}
    whole = packet(1, 2, bytes(limit - 4))
    for more in (b"x", b"xyz"):
        script.feed(whole[:-1] + more + whole[-1:])
    assert script.seen == {True: 2, False: 3}
    return script


def shortest(limit: int) -> Script:
    """Too few bytes are no packet, whether their CRC is right or not."""
    script = ReceiverScript(limit)
    for body in (b"", b"\x01", b"\x01\x02"):
        script.feed(slip_encode(body + crc16(body).to_bytes(2, "big")))
    assert script.seen == {True: 1, False: 2}
    for size in range(4):
        script.feed(bytes((END, *range(1, size + 1), END)))
    assert script.seen == {True: 1, False: 5}
    return script


def too_early(limit: int) -> Script:
    """What comes while a packet is held spoils only the packet it belongs to."""
    script = ReceiverScript(limit)
    first, second, third = (packet(number, 2, b"abcdef") for number in (1, 2, 3))
    for byte in first + second[:6]:
        script.put(byte)
    script.want(script.now + HELD_AFTER, held=1, sequence=1)
    script.now += 4
    script.drive(script.now, release=1)
    script.now += 1
    for byte in second[6:]:
        script.put(byte)
        script.want(script.now + HELD_AFTER, held=0)
    script.now += 4
    script.feed(third)
    assert script.seen == {True: 1, False: 0}
    return script
