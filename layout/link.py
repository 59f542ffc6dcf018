"""The serial link's protocol: what host, firmware, simulators and gateware share as data.

A packet is ``sequence, command, payload..., CRC`` between SLIP (RFC 1055) END bytes. The CRC is
CRC-16/GENIBUS over everything before it, high byte first; other integers are low byte first. The
device answers ``sequence, status, payload..., CRC``, where a good status is ``command | REPLY`` and
a bad one ``ERROR | code``. A packet with sequence number and CRC of the last executed one is not
executed again: its answer is repeated; a refused packet was not executed. IDENTIFY is always
executed. A damaged or overlong packet is answered with `Fault.PACKET` and sequence number 0. Values
narrower than 16 bits are sign extended to them.

A host has a nonce of 16 bits, which it gives with IDENTIFY and which holds until the next IDENTIFY.
Behind the second byte of every packet the CRC's register is XORed with it, in both directions: the
packets of another host are damaged ones. Three kinds are plain, as with nonce 0: the question
IDENTIFY, the refusal `Fault.PACKET`, and everything after power-up or an IDENTIFY without a nonce.

A line that is low for `BREAK_BITS` bit times drops what was received of a packet.
"""

import binascii
import zlib
from enum import IntEnum
from typing import Any

from thresh.model.network import MAX_LAYERS

from .geometry import Geometry
from .layer_table import TABLE_WORDS

PROTOCOL = 2
"""Version that IDENTIFY answers with. Version 1 had no nonce and no CRC-32 in COMMIT; it refuses an
IDENTIFY with a nonce for its `Fault.LENGTH`."""

MIN_BIT_CYCLES = 8
"""Clock cycles of the accelerator that a bit on the line lasts at least: with fewer, an edge that
comes with the clock moves a sample by more than an eighth of the bit."""

BREAK_BITS = 20
"""Bit times of a low line that are a serial break; no byte holds it low for longer than 9."""

END, ESCAPE, ESCAPED_END, ESCAPED_ESCAPE = 0xC0, 0xDB, 0xDC, 0xDD
"""SLIP bytes."""

CRC_INITIAL, CRC_POLYNOMIAL = 0xFFFF, 0x1021
CRC_RESIDUE = 0x1D0F
"""What the register comes to over a whole packet; inverting the CRC keeps zeros behind it seen."""

REPLY = 0x80
ERROR = 0xE0

DEFAULT_BAUD = 1_000_000
"""Speed of the serial link where nobody says another, bit/s."""


class Command(IntEnum):
    """What a host asks.

    ``IDENTIFY`` (nonce u16, or nothing) answers `IDENTITY_FIELDS`. ``WRITE`` (region u8, address
    u16, whole words) and ``READ`` (region u8, address u16, words u8) reach the memories. ``COMMIT``
    (u8, `checksum` u32) declares the network complete (1), if the CRC-32 is that of the payloads of
    all WRITEs executed since the last COMMIT of 0, or incomplete (0), whatever the CRC-32.
    ``NEW_SEQUENCE`` () zeroes state and references
    and sets M to bias. ``STEP`` (inputs, 16 bit each) advances one step and answers the cycles
    (u32) and the outputs (words of the state memory).
    """

    IDENTIFY = 1
    WRITE = 2
    READ = 3
    COMMIT = 4
    NEW_SEQUENCE = 5
    STEP = 6


class Fault(IntEnum):
    """Why a packet was refused; a refused packet changes nothing."""

    PACKET = 1
    COMMAND = 2
    LENGTH = 3
    NOT_LOADED = 4
    RANGE = 5
    CHECKSUM = 6
    NO_NETWORK = 7


class Region(IntEnum):
    """Memories behind READ and WRITE; addresses count words."""

    WEIGHTS = 0
    TABLE = 1
    HEADER = 2
    ACCUMULATORS = 3
    STATE = 4
    REFERENCES = 5
    COUNTERS = 6


COUNTER_FULL = 0xFC000000
"""A counter that has reached this stays as it is: it never wraps."""


class Counter(IntEnum):
    """Words of `Region.COUNTERS`, 32 bit, since the last NEW_SEQUENCE unless said."""

    STEP_CYCLES = 0
    """Cycles of the last step, from its first input to its last output."""
    BUSY_CYCLES = 1
    """Cycles in which an event entered the multipliers."""
    IDLE_CYCLES = 2
    """Other cycles of steps."""
    SATURATIONS = 3
    SKIPPED_LAYERS = 4
    FIRED = 8
    """First of the events of each list: the inputs, then each layer's output."""


READ_LATENCY = 8
"""Cycles from the address of a region's word, inside the core, until the word is there."""

HEADER_WORDS, COUNTER_WORDS = 8, 32
"""Depths of `Region.HEADER` and `Region.COUNTERS`; words without a meaning read as anything."""

PACKET_OVERHEAD = 4
"""Bytes of a packet that are not payload."""

END_BYTES = 2
"""Bytes of the ENDs around a packet."""

VALUE_BYTES, STEP_CYCLES_BYTES = 2, 4
"""Bytes of an input and an output of a STEP, and of the cycles before its outputs."""

WRITE_OVERHEAD = 3
"""Bytes of a WRITE's payload before its words."""

NONCE_BYTES, COMMIT_BYTES = 2, 5
"""Bytes of IDENTIFY's payload, where it has one, and of COMMIT's."""

MAX_READ_WORDS = 255


IDENTITY_FIELDS = (
    ("protocol", 1), ("loaded", 1), ("lanes", 2), ("pointwise_lanes", 1), ("weight_bits", 1),
    ("value_bits", 1), ("sparse", 1), ("weight_depth_minus_1", 2),
    ("accumulator_depth_minus_1", 2), ("state_depth_minus_1", 2), ("value_depth_minus_1", 2),
    ("packet_bytes", 2), ("clock_khz", 4),
)  # fmt: skip
"""Fields of IDENTIFY's answer and their bytes, in order."""

SPARSE_MEMORY, SDRAM_COLUMNS, SPARSE_SDRAM = 1, 2, 4
"""Bits of the identity's ``sparse``: the memory on the chip holds sparse columns; columns lie in
SDRAM; there they may be sparse."""

IDENTITY_BYTES = sum(size for _, size in IDENTITY_FIELDS)


def word_bytes(region: Region, geometry: Geometry) -> int:
    """Bytes of one word of ``region``."""
    return {
        Region.WEIGHTS: geometry.weight_word_bits // 8,
        Region.TABLE: 2,
        Region.HEADER: 2,
        Region.ACCUMULATORS: geometry.accumulator_word_bits // 8,
        Region.STATE: VALUE_BYTES * geometry.pointwise_lanes,
        Region.REFERENCES: 2,
        Region.COUNTERS: 4,
    }[region]


def region_words(region: Region, geometry: Geometry) -> int:
    """Words of ``region``: an access beyond them is out of range."""
    return {
        Region.WEIGHTS: geometry.weight_depth,
        Region.TABLE: MAX_LAYERS * TABLE_WORDS,
        Region.HEADER: HEADER_WORDS,
        Region.ACCUMULATORS: geometry.accumulator_depth,
        Region.STATE: geometry.state_depth,
        Region.REFERENCES: geometry.value_depth,
        Region.COUNTERS: COUNTER_WORDS,
    }[region]


def crc16(data: bytes, nonce: int = 0) -> int:
    """CRC-16/GENIBUS of a packet without its CRC, the nonce taken in behind the second byte."""
    return _register(data, nonce) ^ 0xFFFF


def _register(data: bytes, nonce: int) -> int:
    """The CRC's register after ``data``."""
    return binascii.crc_hqx(data[2:], binascii.crc_hqx(data[:2], CRC_INITIAL) ^ nonce)


def checksum(data: bytes, before: int = 0) -> int:
    """The CRC-32 of zlib, PNG and Ethernet, going on from that of what came before."""
    return zlib.crc32(data, before)


def commit_payload(complete: bool, written: int = 0) -> bytes:
    """COMMIT's payload; ``written`` is the `checksum` of what was written."""
    return bytes((complete,)) + written.to_bytes(4, "little")


def packet(sequence: int, code: int, payload: bytes = b"", nonce: int = 0) -> bytes:
    """A whole packet as it goes over the line."""
    body = bytes((sequence, code)) + payload
    return slip_encode(body + crc16(body, nonce).to_bytes(2, "big"))


def slip_encode(data: bytes) -> bytes:
    """``data`` between END bytes; the leading one ends whatever noise came before."""
    escaped = data.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + escaped + b"\xc0"


def slip_decode(data: bytes) -> bytes:
    """Bytes between two ENDs with the escapes undone; a bad escape keeps its second byte."""
    out = bytearray()
    escaped = False
    for byte in data:
        if escaped:
            out.append({ESCAPED_END: END, ESCAPED_ESCAPE: ESCAPE}.get(byte, byte))
            escaped = False
        elif byte == ESCAPE:
            escaped = True
        else:
            out.append(byte)
    return bytes(out)


def check(body: bytes, nonce: int = 0) -> tuple[int, int, bytes] | None:
    """(sequence, code, payload) of an unescaped packet, or None when it is damaged."""
    if len(body) < PACKET_OVERHEAD or _register(body, nonce) != CRC_RESIDUE:
        return None
    return body[0], body[1], body[2:-2]


class PacketCollector:
    """Unescapes a stream of bytes into the packets between its ENDs, as the accelerator does.

    Parameters
    ----------
    limit : int
        Longest packet in bytes, unescaped.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._body = bytearray()
        self._escaped = False
        self._overlong = False

    def restart(self) -> None:
        """Drop what was received of a packet."""
        self._body.clear()
        self._escaped = self._overlong = False

    def feed(self, data: bytes) -> list[bytes | None]:
        """Packets that end in ``data``; None stands for one that was too long and is lost."""
        packets: list[bytes | None] = []
        for byte in data:
            if byte == END:
                if self._overlong:
                    packets.append(None)
                elif self._body:
                    packets.append(bytes(self._body))
                self.restart()
            elif byte == ESCAPE and not self._escaped:
                self._escaped = True
            elif len(self._body) == self.limit:
                self._overlong = True
            else:
                if self._escaped:
                    byte = {ESCAPED_END: END, ESCAPED_ESCAPE: ESCAPE}.get(byte, byte)
                self._body.append(byte)
                self._escaped = False
        return packets


def columns_code(geometry: Geometry) -> int:
    """The identity's ``sparse`` of an accelerator."""
    in_sdram = geometry.columns == "sdram"
    return (
        geometry.sparse_memory * SPARSE_MEMORY
        | in_sdram * SDRAM_COLUMNS
        | (in_sdram and geometry.sparse) * SPARSE_SDRAM
    )


def columns_of(code: int) -> dict[str, Any]:
    """Fields of a geometry with this `columns_code`."""
    return {
        "columns": "sdram" if code & SDRAM_COLUMNS else "chip",
        "sparse": bool(code & (SPARSE_MEMORY | SPARSE_SDRAM)),
    }
